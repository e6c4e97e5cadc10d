/**
 * Server-sent events, parsed by the HTML standard at any chunk boundary: lines end with CR, LF or CRLF, several `data`
 * lines are joined, comments are skipped, an event ends at an empty line. An incomplete event at the end is dropped.
 * @module
 */
import { GuardRefusal } from "../errors.ts"

/** One event. */
export interface SseEvent {
  /** The `event` field; empty where there was none. */
  readonly event: string
  /** The `data` lines, joined by LF. */
  readonly data: string
}

/** Largest event, UTF-16 code units: a picture in base64 fits. */
export const MAX_EVENT_CHARS = 48 * 1024 * 1024

/** Parses one stream. */
export class SseParser {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true })
  readonly #maxChars: number
  #lines: string[] = []
  #line = ""
  #afterCr = false
  #event = ""
  #data: string[] = []
  #chars = 0

  constructor(maxChars: number = MAX_EVENT_CHARS) {
    this.#maxChars = maxChars
  }

  /**
   * Parses the next bytes.
   *
   * @returns The events that ended in them, in order.
   * @throws {GuardRefusal} `upstream_failed` when an event is too large or the bytes are not UTF-8.
   */
  push(chunk: Uint8Array): SseEvent[] {
    this.#split(this.#decode(chunk))
    const events: SseEvent[] = []
    for (const line of this.#lines) {
      const event = this.#take(line)
      if (event !== undefined) events.push(event)
    }
    this.#lines = []
    return events
  }

  /** Whether the bytes so far ended at the end of an event. */
  get isBetweenEvents(): boolean {
    return this.#line === "" && this.#data.length === 0 && this.#event === ""
  }

  #decode(chunk: Uint8Array): string {
    try {
      return this.#decoder.decode(chunk, { stream: true })
    } catch {
      throw new GuardRefusal("upstream_failed", "the upstream's stream is not UTF-8")
    }
  }

  #split(text: string): void {
    let start = 0
    if (this.#afterCr && text.length > 0) {
      if (text.startsWith("\n")) start = 1
      this.#afterCr = false
    }
    for (;;) {
      const end = lineEnd(text, start)
      if (end === -1) break
      this.#lines.push(this.#line + text.slice(start, end))
      this.#line = ""
      start = end + 1
      if (text[end] !== "\r") continue
      if (start === text.length) this.#afterCr = true
      else if (text[start] === "\n") start++
    }
    this.#line += text.slice(start)
    if (this.#chars + this.#line.length > this.#maxChars) throw tooLarge()
  }

  #take(line: string): SseEvent | undefined {
    if (line === "") return this.#dispatch()
    this.#chars += line.length
    if (this.#chars > this.#maxChars) throw tooLarge()
    const colon = line.indexOf(":")
    if (colon === 0) return undefined
    const field = colon === -1 ? line : line.slice(0, colon)
    const from = line[colon + 1] === " " ? colon + 2 : colon + 1
    const value = colon === -1 ? "" : line.slice(from)
    if (field === "data") this.#data.push(value)
    else if (field === "event") this.#event = value
    return undefined
  }

  #dispatch(): SseEvent | undefined {
    const event = this.#data.length === 0 ? undefined : { event: this.#event, data: this.#data.join("\n") }
    this.#event = ""
    this.#data = []
    this.#chars = 0
    return event
  }
}

function lineEnd(text: string, from: number): number {
  const lf = text.indexOf("\n", from)
  const cr = text.indexOf("\r", from)
  if (cr === -1) return lf
  return lf === -1 ? cr : Math.min(lf, cr)
}

function tooLarge(): GuardRefusal {
  return new GuardRefusal("upstream_failed", "an event of the upstream's stream is too large")
}
