import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from "node:fs"
import { sep } from "node:path"
import { MAX_PART_BYTES } from "../protocol.ts"
import type { ItemRequest } from "./item-request.ts"

/** An item's bytes, opened read-only. */
export interface OpenItem {
  readonly sizeBytes: number
  /** Fills `target` from `offset` of the item; returns the number of bytes read. */
  read(target: Uint8Array, offset: number): number | Promise<number>
  close(): void
}

/** Bytes of a file that are read at once. */
interface FileItem extends OpenItem {
  read(target: Uint8Array, offset: number): number
}

/**
 * Thrown when an item's bytes cannot be read: missing, not a regular file, a symbolic link, or outside the read roots.
 */
export class SourceError extends Error {
  override name = "SourceError"
}

/**
 * Opens the bytes of an item.
 *
 * @param confineTo - real paths below which the file must be; `null` where a namespace ensures it.
 * @throws {SourceError} when there is no file that may be read.
 */
export function openItem(request: ItemRequest, confineTo: readonly string[] | null): OpenItem {
  const { source, payload } = request
  if (source.kind === "bytes") return openBytes(payload)
  if (source.kind === "stream") {
    if (request.ask === undefined) throw new SourceError("expected parts of a stream")
    return openStream(source.length, request.ask)
  }
  const file = openSource(source.path, confineTo)
  try {
    return { ...itemIn(file, source), close: () => file.close() }
  } catch (error) {
    file.close()
    throw error
  }
}

/** A file that contains items, opened read-only. */
export interface OpenSource {
  /** Size when it was opened. */
  readonly sizeBytes: number
  /** Fills `target` from `position` of the file; returns the number of bytes read. */
  read(target: Uint8Array, position: number): number
  close(): void
}

/**
 * Opens a file for the items in it.
 *
 * @param confineTo - as for {@link openItem}.
 * @throws {SourceError} when there is no file that may be read.
 */
export function openSource(path: string, confineTo: readonly string[] | null): OpenSource {
  const fd = openFile(path)
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new SourceError("expected a regular file")
    if (confineTo !== null && !isUnder(readlinkSync(`/proc/self/fd/${fd}`), confineTo)) {
      throw new SourceError("expected a file below a read root")
    }
    return {
      sizeBytes: stat.size,
      read: (target, position) => readFully(fd, target, position),
      close: () => closeSync(fd),
    }
  } catch (error) {
    closeSync(fd)
    throw error instanceof SourceError ? error : new SourceError("expected a readable file")
  }
}

/**
 * The bytes of an item in an open file.
 *
 * @throws {SourceError} when the range is not inside the file.
 */
export function itemIn(
  file: OpenSource,
  source: Exclude<ItemRequest["source"], { readonly kind: "bytes" | "stream" }>,
): Pick<FileItem, "sizeBytes" | "read"> {
  const start = source.kind === "range" ? source.offset : 0
  const sizeBytes = source.kind === "range" ? source.length : file.sizeBytes
  if (start + sizeBytes > file.sizeBytes) throw new SourceError("expected the range to be inside the file")
  return { sizeBytes, read: (target, offset) => file.read(target, start + offset) }
}

function openBytes(bytes: Uint8Array): OpenItem {
  return {
    sizeBytes: bytes.length,
    read(target, offset) {
      const part = bytes.subarray(offset, offset + target.length)
      target.set(part)
      return part.length
    },
    close() {},
  }
}

function openStream(sizeBytes: number, ask: NonNullable<ItemRequest["ask"]>): OpenItem {
  return {
    sizeBytes,
    async read(target, offset) {
      const wanted = Math.min(target.length, sizeBytes - offset)
      for (let done = 0; done < wanted; ) {
        const part = await ask(offset + done, Math.min(MAX_PART_BYTES, wanted - done))
        target.set(part, done)
        done += part.length
      }
      return wanted
    },
    close() {},
  }
}

function openFile(path: string): number {
  try {
    // Without O_NONBLOCK, opening a named pipe would block the child for ever.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    // The system's message quotes the path.
    throw new SourceError("expected a file that can be opened")
  }
}

function readFully(fd: number, target: Uint8Array, position: number): number {
  let filled = 0
  while (filled < target.length) {
    let count: number
    try {
      count = readSync(fd, target, filled, target.length - filled, position + filled)
    } catch {
      throw new SourceError("expected the file to be readable throughout")
    }
    if (count === 0) break
    filled += count
  }
  return filled
}

function isUnder(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path === root || path.startsWith(root === sep ? sep : root + sep))
}
