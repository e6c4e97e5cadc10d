/**
 * Names as archives store them: raw bytes, decoded so that different bytes never become one string.
 * @module
 */
import { isAscii } from "node:buffer"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * Decodes a stored name. Bytes above 127 that are not UTF-8 become the lone surrogate U+DC00 + byte, as with Python's
 * `surrogateescape`, so that different names stay different.
 */
export function decodeName(bytes: Uint8Array): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (isAscii(view)) return view.toString("latin1")
  try {
    return utf8.decode(bytes)
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join("")
  }
}

/** Device names that some systems open instead of a file, whatever the extension. */
const RESERVED = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/i

/**
 * Whether a name could leave the folder it is unpacked into, or become another name there: absolute, with `..`, a
 * backslash, a drive letter, NUL, or a reserved device's name.
 */
export function isUnsafeName(name: string): boolean {
  if (name === "" || name.startsWith("/") || /^[A-Za-z]:/.test(name)) return true
  if (name.includes("\\") || name.includes("\0")) return true
  return name.split("/").some((part) => part === ".." || RESERVED.test(part))
}
