/**
 * One answer of the upstream as it arrives: a few pieces wait until they are read. A Node stream would cost half of
 * what the whole call does.
 * @module
 */
import type { IncomingHttpHeaders } from "node:http"
import type { Dispatcher } from "undici"
import { GuardRefusal } from "../errors.ts"
import { toUpstreamRefusal } from "./failure.ts"

/** Bytes that may wait before the upstream is asked to pause. */
const HIGH_BYTES = 256 * 1024

/** Status and headers of an answer. */
export interface ResponseHead {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** Receives one answer from undici and returns it piece by piece. */
export class UpstreamResponse implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal
  readonly #abort = () => this.cancel()
  readonly #pieces: Uint8Array[] = []
  #began: { readonly resolve: (head: ResponseHead) => void; readonly reject: (error: unknown) => void } | undefined
  #controller: Dispatcher.DispatchController | undefined
  #waiting = 0
  #isCancelled = false
  #isOver = false
  #failure: unknown
  #wake: (() => void) | undefined
  readonly #onOver: () => void

  /** @param onOver - Called once, when the answer is over. */
  constructor(signal: AbortSignal, onOver: () => void = () => {}) {
    this.#signal = signal
    this.#onOver = onOver
    signal.addEventListener("abort", this.#abort, { once: true })
  }

  /** Resolves with the answer's head. @throws {GuardRefusal}; the reason of the signal when it aborts. */
  begun(): Promise<ResponseHead> {
    return new Promise((resolve, reject) => {
      this.#began = { resolve, reject }
      if (this.#isOver) reject(this.#failure)
    })
  }

  /** Everything that waits, as one piece; `undefined` at the end. @throws as {@link begun}. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const [first] = this.#pieces
      if (first !== undefined) {
        const all = this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces, this.#waiting)
        this.#pieces.length = 0
        this.#waiting = 0
        if (this.#controller?.paused === true) this.#controller.resume()
        return all
      }
      if (this.#failure !== undefined) throw this.#failure
      if (this.#isOver) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Reads the whole rest. @throws {GuardRefusal} `upstream_failed` beyond `maxBytes`. */
  async bytes(maxBytes: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    let size = 0
    for (let piece = await this.next(); piece !== undefined; piece = await this.next()) {
      size += piece.length
      if (size > maxBytes) {
        this.cancel()
        throw new GuardRefusal("upstream_failed", "the upstream's answer is too large")
      }
      pieces.push(piece)
    }
    const [only] = pieces
    return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces, size)
  }

  /** The pieces; breaking out cancels the answer. */
  async *chunks(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (let piece = await this.next(); piece !== undefined; piece = await this.next()) yield piece
    } finally {
      this.cancel()
    }
  }

  cancel(): void {
    if (this.#isOver) return
    this.#isCancelled = true
    this.#controller?.abort(new Error("cancelled"))
    this.#end(new GuardRefusal("upstream_failed", "the answer was cancelled"))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isCancelled) controller.abort(new Error("cancelled"))
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // Interim answers, such as early hints, are skipped.
    if (status >= 200) this.#began?.resolve({ status, headers })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#pieces.push(chunk)
    this.#waiting += chunk.length
    if (this.#waiting >= HIGH_BYTES) controller.pause()
    this.#wake?.()
  }

  onResponseEnd(): void {
    this.#end(undefined)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(toUpstreamRefusal(error))
  }

  #end(failure: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#signal.removeEventListener("abort", this.#abort)
    this.#onOver()
    this.#failure = failure !== undefined && this.#signal.aborted ? this.#signal.reason : failure
    if (this.#failure !== undefined) this.#began?.reject(this.#failure)
    this.#wake?.()
  }
}
