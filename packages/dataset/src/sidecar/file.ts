/**
 * The bytes of a sidecar, on disk or in memory.
 * @module
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs"

/** Bytes that are read a range at a time. */
export interface SidecarFile {
  readonly sizeBytes: number
  /** Reads a range. @throws {RangeError} if it does not lie within. */
  read(offset: number, length: number): Uint8Array
}

/** A sidecar in memory; ranges are views of it. */
export function sidecarInMemory(bytes: Uint8Array): SidecarFile {
  return {
    sizeBytes: bytes.length,
    read: (offset, length) => {
      assertWithin(offset, length, bytes.length)
      return bytes.subarray(offset, offset + length)
    },
  }
}

/** A sidecar on disk. Dispose of it to close it. @throws the system's error if it cannot be opened. */
export function openSidecarFile(path: string): SidecarFile & Disposable {
  const file = openSync(path, "r")
  const sizeBytes = fstatSync(file).size
  return {
    sizeBytes,
    read: (offset, length) => {
      assertWithin(offset, length, sizeBytes)
      const bytes = new Uint8Array(length)
      for (let done = 0; done < length; ) {
        const read = readSync(file, bytes, done, length - done, offset + done)
        if (read === 0) throw new RangeError("expected more bytes")
        done += read
      }
      return bytes
    },
    [Symbol.dispose]: () => closeSync(file),
  }
}

function assertWithin(offset: number, length: number, sizeBytes: number): void {
  if (offset < 0 || length < 0 || offset + length > sizeBytes) throw new RangeError("expected a range of the file")
}
