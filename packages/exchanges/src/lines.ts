import { isAscii, isUtf8 } from "node:buffer"
import type { BadRecord } from "@nightlight/core"

/** Longest line read, bytes; a longer one is skipped and not kept in memory. */
export const LINE_LIMIT_BYTES = 65_536

const LINE_FEED = 0x0a

/** Receives a list's lines in order. */
export interface LineSink {
  /** @param text - without its line end (LF or CRLF). */
  line(text: string, number: number): void
  /** Reports a line that cannot be read, by its number. */
  fault(reason: BadRecord["reason"], number: number): void
}

/** Splits chunked UTF-8 bytes into numbered lines; keeps at most one line in memory. */
export class LineReader {
  readonly #sink: LineSink
  #carry: Uint8Array = new Uint8Array(0)
  #skipping = false
  #number = 0

  constructor(sink: LineSink) {
    this.#sink = sink
  }

  /** Adds the next bytes, which are not kept after the call. */
  push(bytes: Uint8Array): void {
    let start = 0
    if (this.#skipping) {
      const end = bytes.indexOf(LINE_FEED)
      if (end < 0) return
      this.#skipping = false
      start = end + 1
    }
    const last = bytes.lastIndexOf(LINE_FEED)
    if (last >= start) {
      const whole = bytes.subarray(start, last + 1)
      this.#cut(this.#carry.length === 0 ? whole : Buffer.concat([this.#carry, whole]))
      start = last + 1
      this.#carry = new Uint8Array(0)
    }
    this.#hold(bytes.subarray(start))
  }

  /** Passes on the last line if it has no line end. */
  end(): void {
    if (this.#carry.length > 0) this.#cut(this.#carry)
    this.#carry = new Uint8Array(0)
  }

  #hold(rest: Uint8Array): void {
    if (this.#carry.length + rest.length <= LINE_LIMIT_BYTES) {
      this.#carry = Buffer.concat([this.#carry, rest])
      return
    }
    this.#sink.fault("line_too_long", ++this.#number)
    this.#carry = new Uint8Array(0)
    this.#skipping = true
  }

  #cut(block: Uint8Array): void {
    if (!isUtf8(block)) {
      this.#cutBytes(block)
      return
    }
    const text = Buffer.from(block.buffer, block.byteOffset, block.byteLength).toString(
      isAscii(block) ? "latin1" : "utf8",
    )
    for (let start = 0; start < text.length; ) {
      const found = text.indexOf("\n", start)
      const end = found < 0 ? text.length : found
      this.#emit(text, start, end)
      start = end + 1
    }
  }

  #emit(text: string, start: number, end: number): void {
    const number = ++this.#number
    const stop = end > start && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end
    if (end - start > LINE_LIMIT_BYTES) this.#sink.fault("line_too_long", number)
    else this.#sink.line(text.slice(start, stop), number)
  }

  /** Splits a block that contains a byte that is not UTF-8, so that only that byte's line is refused. */
  #cutBytes(block: Uint8Array): void {
    for (let start = 0; start < block.length; ) {
      const found = block.indexOf(LINE_FEED, start)
      const end = found < 0 ? block.length : found
      const line = block.subarray(start, end)
      if (!isUtf8(line))
        this.#sink.fault(line.length > LINE_LIMIT_BYTES ? "line_too_long" : "not_parsed", ++this.#number)
      else {
        const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("utf8")
        this.#emit(text, 0, text.length)
      }
      start = end + 1
    }
  }
}
