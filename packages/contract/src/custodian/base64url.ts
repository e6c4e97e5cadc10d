/**
 * Base64url without padding (RFC 4648, section 5), for browsers and Node; fast enough for a whole original.
 * @module
 */
import { z } from "zod"

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
const NONE = 255

const CODES: Uint8Array = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0))

const VALUES: Uint8Array = new Uint8Array(128).fill(NONE)
for (const [value, code] of CODES.entries()) VALUES[code] = value

/** Base64url without padding whose spare bits are zero, so that the same bytes have only one text. */
export const CanonicalBase64Url = z
  .string()
  .regex(/^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]|[A-Za-z0-9_-][AQgw])?$/)

/** Writes bytes as base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3))
  let to = 0
  for (let offset = 0; offset < bytes.length; offset += 3) {
    const bits = ((bytes[offset] ?? 0) << 16) | ((bytes[offset + 1] ?? 0) << 8) | (bytes[offset + 2] ?? 0)
    // The array has no room for what would lie after the end of a shorter last group.
    text[to++] = CODES[bits >>> 18] ?? 0
    text[to++] = CODES[(bits >>> 12) & 63] ?? 0
    text[to++] = CODES[(bits >>> 6) & 63] ?? 0
    text[to++] = CODES[bits & 63] ?? 0
  }
  return new TextDecoder().decode(text)
}

/**
 * Reads base64url without padding.
 *
 * @throws {TypeError} if the text is not what {@link toBase64Url} writes.
 */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let to = 0
  for (let offset = 0; offset < text.length; offset += 4) {
    const bits = (valueAt(text, offset) << 18) | (valueAt(text, offset + 1) << 12) | (valueAt(text, offset + 2) << 6)
    const group = bits | valueAt(text, offset + 3)
    bytes[to++] = group >>> 16
    bytes[to++] = (group >>> 8) & 255
    bytes[to++] = group & 255
  }
  const rest = text.length % 4
  const spare = rest === 2 ? 15 : rest === 3 ? 3 : 0
  if (rest === 1 || (rest > 1 && (valueAt(text, text.length - 1) & spare) !== 0)) throw malformed()
  return bytes
}

function valueAt(text: string, offset: number): number {
  if (offset >= text.length) return 0
  const value = VALUES[text.charCodeAt(offset)] ?? NONE
  if (value === NONE) throw malformed()
  return value
}

function malformed(): TypeError {
  return new TypeError("expected base64url")
}
