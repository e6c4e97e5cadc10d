/**
 * Random access to the bytes of a file or of an archive in memory.
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"
import { DependencyError } from "@nightlight/core"

/**
 * Bytes that can be read at any offset: at once from a file or from memory, since a positioned read of a header costs
 * two microseconds where an asynchronous one costs thirty; by a promise from elsewhere. Readers yield to the event loop
 * between members.
 */
export interface RandomSource {
  readonly sizeBytes: number
  /**
   * Reads `length` bytes, fewer only at the end.
   *
   * @throws {DependencyError} `source_unreadable`
   */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>
  /**
   * Fills a target with the bytes at an offset; absent where that is not simpler than `read`.
   *
   * @throws {DependencyError} `source_unreadable`; `source_changed` where the file ends before.
   */
  fill?(offset: number, target: Uint8Array): void
}

/** A {@link RandomSource} whose bytes are read at once. */
export interface LocalSource extends RandomSource {
  read(offset: number, length: number): Uint8Array
}

/** A {@link LocalSource} over a file, open until disposed of. */
export interface FileSource extends LocalSource, Disposable {
  readonly path: string | Buffer
  readonly modifiedMs: number
}

/**
 * Opens a file for positioned reads, never for writing.
 *
 * @throws {DependencyError} `source_unreadable` if it is gone, may not be read or is not a plain file.
 */
export function openFileSource(path: string | Buffer): FileSource {
  const fd = reading(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))
  const stat = reading(() => fstatSync(fd))
  if (!stat.isFile()) {
    closeSync(fd)
    throw new DependencyError("source_unreadable", "expected a plain file")
  }
  let isOpen = true
  return {
    path,
    sizeBytes: stat.size,
    modifiedMs: stat.mtimeMs,
    read: (offset, length) => {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, stat.size - offset)))
      reading(() => fillAt(fd, offset, bytes))
      return bytes
    },
    fill: (offset, target) => reading(() => fillAt(fd, offset, target)),
    [Symbol.dispose]: () => {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}

/** Gives random access to bytes in memory; reads are views, not copies. */
export function bytesSource(bytes: Uint8Array): LocalSource {
  return { sizeBytes: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) }
}

function fillAt(fd: number, offset: number, target: Uint8Array): void {
  let done = 0
  while (done < target.length) {
    const count = readSync(fd, target, done, target.length - done, offset + done)
    if (count === 0) throw new DependencyError("source_changed", "a file became shorter while it was read")
    done += count
  }
}

/** Runs a file operation; the system's message is left out, because it may name an item. */
function reading<T>(operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    if (error instanceof DependencyError) throw error
    throw new DependencyError("source_unreadable", "a file of the dataset cannot be read", { cause: error })
  }
}
