/**
 * Bytes and texts of cells as JSON.
 * @module
 */
import { isUtf8 } from "node:buffer"

/** Bytes as a string of hexadecimal digits. */
export function hexJson(bytes: Uint8Array, start: number, length: number): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString("hex")}"`
}

/** Bytes as a string; undefined where they are not UTF-8. */
export function textJson(bytes: Buffer): string | undefined {
  const text = bytes.toString("utf8")
  // Only where a character was replaced can the bytes be anything else.
  return text.includes("\ufffd") && !isUtf8(bytes) ? undefined : JSON.stringify(text)
}
