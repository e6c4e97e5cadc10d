import type { FileHandle } from "node:fs/promises"
import { PdqError } from "../errors.ts"

/**
 * Fills `target` from `offset` of a file.
 *
 * @returns the number of bytes read, fewer only at its end.
 * @throws {PdqError} `image_unreadable`.
 */
export async function readAt(file: FileHandle, target: Uint8Array, offset: number): Promise<number> {
  let filled = 0
  try {
    while (filled < target.length) {
      const { bytesRead } = await file.read(target, filled, target.length - filled, offset + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
  } catch (error) {
    throw unreadable(error)
  }
  return filled
}

/** The error for an image that the system does not let read. */
export function unreadable(error: unknown): PdqError {
  const code = systemCode(error)
  return new PdqError("image_unreadable", `cannot read the image: ${code}`, { systemCode: code })
}

/** Only the system's code, because its message quotes the path. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return typeof code === "string" ? code : "unknown reason"
}
