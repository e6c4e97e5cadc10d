/**
 * Writes a stream of events to a caller: back-pressure, comments while nothing is released, one end.
 * @module
 */
import type { ServerResponse } from "node:http"
import { KEEP_ALIVE } from "./sse-writer.ts"

/** Headers of every stream of events: no proxy may cache, compress or change it. */
export const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
} as const

/** How long a caller may read nothing of a stream that waits for it. */
const STALL_MS = 60_000

/** Writes to one caller. */
export class EventWriter {
  readonly #response: ServerResponse
  readonly #timer: NodeJS.Timeout
  readonly #stallMs: number
  readonly #head: NodeJS.Immediate
  #hasBegun = false
  #quietSince = 0

  /**
   * @param keepAliveMs - milliseconds without a write after which a comment is sent.
   * @param stallMs - milliseconds after which a caller that reads nothing is cut off: it holds one of the upstream's
   * connections.
   */
  constructor(response: ServerResponse, keepAliveMs: number, stallMs = STALL_MS) {
    this.#response = response
    this.#stallMs = stallMs
    // The head is sent with the first frames where they are there already: one packet for both.
    this.#head = setImmediate(() => {
      if (!this.#hasBegun) response.flushHeaders()
    })
    this.#timer = setInterval(() => {
      if (!response.writableNeedDrain && performance.now() - this.#quietSince >= keepAliveMs / 2)
        this.write([KEEP_ALIVE])
    }, keepAliveMs / 2)
  }

  write(frames: readonly string[]): void {
    if (frames.length === 0 || this.#response.destroyed || this.#response.writableEnded) return
    this.#quietSince = performance.now()
    this.#hasBegun = true
    this.#response.write(frames.length === 1 ? frames[0] : frames.join(""))
  }

  /** Whether the caller has yet to read what was written. */
  get needsDrain(): boolean {
    return this.#response.writableNeedDrain && !this.#response.destroyed
  }

  /** Resolves when the caller can be written to again, or is gone; one that reads nothing is cut off. */
  drained(): Promise<void> {
    // The response may have drained while nothing waited for it.
    if (!this.needsDrain) return Promise.resolve()
    return new Promise((resolve) => {
      const stalled = setTimeout(() => this.#response.destroy(), this.#stallMs)
      const done = () => {
        clearTimeout(stalled)
        this.#response.off("drain", done)
        this.#response.off("close", done)
        resolve()
      }
      this.#response.on("drain", done)
      this.#response.on("close", done)
    })
  }

  end(): void {
    clearInterval(this.#timer)
    clearImmediate(this.#head)
    if (!this.#response.writableEnded) this.#response.end()
  }
}
