/**
 * Reads files of lines that a killed process may have left unfinished.
 * @module
 */
import { type FileHandle, open } from "node:fs/promises"
import { errnoOf, toReadError } from "@nightlight/durable"

const READ_BYTES = 64 * 1024
const NEWLINE = 0x0a

/** Longest line that is read as one; the rest of a longer one is left out. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024

/** The end of a file of lines. */
export interface LinesEnd {
  /** The last line that ends in a newline, without it; absent if there is none. */
  readonly line?: Buffer
  readonly sizeBytes: number
  /** Bytes after the last newline. */
  readonly torn: Buffer
}

/**
 * Reads a file backwards up to its last whole line. A missing file is an empty one.
 *
 * @throws {DependencyError} `source_unreadable`.
 */
export async function readLinesEnd(path: string): Promise<LinesEnd> {
  const handle = await openIfAny(path)
  if (handle === undefined) return { sizeBytes: 0, torn: Buffer.alloc(0) }
  try {
    const sizeBytes = (await handle.stat()).size
    for (let length = READ_BYTES; ; length *= 4) {
      const start = Math.max(0, sizeBytes - length)
      const bytes = Buffer.alloc(sizeBytes - start)
      await handle.read(bytes, 0, bytes.length, start)
      const end = bytes.lastIndexOf(NEWLINE)
      const lineStart = end <= 0 ? 0 : bytes.lastIndexOf(NEWLINE, end - 1) + 1
      if (start > 0 && lineStart === 0) continue
      const torn = bytes.subarray(end + 1)
      return end < 0 ? { sizeBytes, torn } : { line: bytes.subarray(lineStart, end), sizeBytes, torn }
    }
  } finally {
    await handle.close()
  }
}

/**
 * Reads a file line by line, in bounded memory. A missing file is an empty one.
 *
 * @returns Each whole line without its newline; then, if the file does not end in one, the rest, as `torn`.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function* readLines(path: string): AsyncGenerator<{ readonly bytes: Buffer; readonly torn: boolean }> {
  const handle = await openIfAny(path)
  if (handle === undefined) return
  try {
    const held: Buffer[] = []
    let heldBytes = 0
    const hold = (part: Buffer): void => {
      if (heldBytes > MAX_LINE_BYTES || part.length === 0) return
      held.push(part)
      heldBytes += part.length
    }
    const take = (): Buffer => {
      const line = Buffer.concat(held)
      held.length = 0
      heldBytes = 0
      return line
    }
    for (let offset = 0; ; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, offset)
      if (bytesRead === 0) break
      offset += bytesRead
      let rest = buffer.subarray(0, bytesRead)
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
        hold(rest.subarray(0, end))
        yield { bytes: take(), torn: false }
        rest = rest.subarray(end + 1)
      }
      hold(rest)
    }
    if (heldBytes > 0) yield { bytes: take(), torn: true }
  } finally {
    await handle.close()
  }
}

async function openIfAny(path: string): Promise<FileHandle | undefined> {
  return open(path, "r").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined
    throw toReadError(error, "the audit log")
  })
}
