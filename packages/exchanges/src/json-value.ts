import { isUtf8 } from "node:buffer"

/** Longest JSON value kept, bytes; a longer one is skipped. */
export const VALUE_LIMIT_BYTES = 65_536

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** The kind of value that a byte begins. */
type ValueKind = "container" | "string" | "scalar"

/** Finds the end of one JSON value in chunked bytes, and keeps its text up to a limit. */
export class JsonValueScanner {
  #kind: ValueKind = "scalar"
  #depth = 0
  #inString = false
  #escaped = false
  #parts: Uint8Array[] = []
  #sizeBytes = 0

  /** Starts a new value at its first byte, which the next {@link scan} receives. */
  begin(first: number): void {
    this.#kind = first === 0x7b || first === 0x5b ? "container" : first === QUOTE ? "string" : "scalar"
    this.#depth = 0
    this.#inString = false
    this.#escaped = false
    this.#parts = []
    this.#sizeBytes = 0
  }

  /** @returns the position after the value, or -1 when it continues in the next chunk. */
  scan(bytes: Uint8Array, from: number): number {
    const end = this.#kind === "scalar" ? scalarEnd(bytes, from) : this.#structureEnd(bytes, from)
    const part = bytes.subarray(from, end < 0 ? bytes.length : end)
    this.#sizeBytes += part.length
    if (this.#sizeBytes > VALUE_LIMIT_BYTES) this.#parts = []
    // The last part of a value is read before this call returns; any other part must be copied.
    else this.#parts.push(end < 0 ? part.slice() : part)
    return end
  }

  /** The value's text; `undefined` when it was too long to keep or is not UTF-8. */
  text(): string | undefined {
    if (this.tooLong) return undefined
    const [only] = this.#parts
    const bytes = this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts)
    return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8") : undefined
  }

  /** Whether the value exceeded {@link VALUE_LIMIT_BYTES}. */
  get tooLong(): boolean {
    return this.#sizeBytes > VALUE_LIMIT_BYTES
  }

  /** Whether the value is an object or an array. */
  get isContainer(): boolean {
    return this.#kind === "container"
  }

  #structureEnd(bytes: Uint8Array, from: number): number {
    let offset = from
    while (offset < bytes.length) {
      if (this.#inString) {
        offset = this.#stringEnd(bytes, offset)
        if (offset < 0) return -1
        this.#inString = false
        if (this.#kind === "string") return offset
        continue
      }
      const byte = bytes[offset++]
      if (byte === QUOTE) this.#inString = true
      else if (byte === 0x7b || byte === 0x5b) this.#depth++
      else if ((byte === 0x7d || byte === 0x5d) && --this.#depth === 0) return offset
    }
    return -1
  }

  /** Position after the quotation mark that ends the string, or -1 when the string continues. */
  #stringEnd(bytes: Uint8Array, from: number): number {
    for (let offset = from; offset < bytes.length; offset++) {
      if (this.#escaped) this.#escaped = false
      else if (bytes[offset] === BACKSLASH) this.#escaped = true
      else if (bytes[offset] === QUOTE) return offset + 1
    }
    return -1
  }
}

/** A scalar ends at a comma, a bracket, a colon or white space, which is not part of it. */
function scalarEnd(bytes: Uint8Array, from: number): number {
  for (let offset = from; offset < bytes.length; offset++) {
    const byte = bytes[offset]
    if (byte === 0x2c || byte === 0x5d || byte === 0x7d || byte === 0x3a || isSpace(byte)) return offset
  }
  return -1
}

/** Whether a byte is white space in JSON. */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
