import type { Readable } from "node:stream"
import type { Dispatcher } from "undici"
import { compact } from "../compact.ts"

/** No answer of this API comes near this size: larger ones are cut off. */
export const MAX_ANSWER_BYTES = 1024 * 1024

/** One HTTP request. */
export interface HttpRequest {
  readonly method: "GET" | "POST"
  readonly origin: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | Readable
  /** Milliseconds from the last byte sent to the last byte received. */
  readonly answerMs: number
  /** Settles when a streamed body has been read to its end. */
  readonly bodyEnd?: Promise<void>
}

/** How one HTTP exchange ended. */
export type Exchange =
  | { readonly kind: "answered"; readonly httpStatus: number; readonly requestId?: string; readonly body: Uint8Array }
  | { readonly kind: "unsent"; readonly reason: "connection_failed" | "aborted" }
  | {
      readonly kind: "lost"
      readonly reason: LostReason
      readonly httpStatus?: number
      readonly requestId?: string
    }

type LostReason = "timed_out" | "connection_lost" | "aborted" | "too_large"

const TIMEOUT_CODES: readonly unknown[] = ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]

/**
 * Sends one request and reads its answer, following no redirect.
 *
 * The dispatcher tells whether anything was sent: it announces a request right before it writes the first byte. Never
 * throws, and never passes on an error's text.
 */
export function exchange(dispatcher: Dispatcher, request: HttpRequest, signal?: AbortSignal): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>()
  if (signal?.aborted === true) return Promise.resolve({ kind: "unsent", reason: "aborted" })
  const call = new Call(request, signal, resolve)
  const { origin, path, method, headers, body = null, answerMs } = request
  try {
    dispatcher.dispatch(
      // One connection for each call: the other side may close a kept one just as a request leaves on it.
      { origin, path, method, headers, body, reset: true, headersTimeout: answerMs, bodyTimeout: answerMs },
      call,
    )
  } catch {
    call.settle({ kind: "unsent", reason: "connection_failed" })
  }
  return promise
}

/** The state of one exchange; the first end counts. */
class Call implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest
  readonly #signal: AbortSignal | undefined
  readonly #resolve: (ended: Exchange) => void
  readonly #chunks: Uint8Array[] = []
  #received = 0
  #head: { readonly httpStatus: number; readonly requestId?: string } | undefined
  #controller: Dispatcher.DispatchController | undefined
  #deadline: NodeJS.Timeout | undefined
  #isSettled = false

  constructor(request: HttpRequest, signal: AbortSignal | undefined, resolve: (ended: Exchange) => void) {
    this.#request = request
    this.#signal = signal
    this.#resolve = resolve
    signal?.addEventListener("abort", this.#onAbort, { once: true })
  }

  readonly #onAbort = () => this.#cut("aborted")

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited for a connection: nothing may be sent any more.
    if (this.#isSettled) {
      controller.abort(new Error("given up"))
      return
    }
    this.#controller = controller
    const startDeadline = () => {
      if (this.#isSettled) return
      this.#deadline = setTimeout(() => this.#cut("timed_out"), this.#request.answerMs)
    }
    if (this.#request.bodyEnd === undefined) startDeadline()
    // A body that fails ends the exchange on its own.
    else this.#request.bodyEnd.then(startDeadline, () => undefined)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    // 1xx only announces the answer to come.
    if (status < 200) return
    const requestId = toRequestId(headers["request-id"])
    this.#head = compact({ httpStatus: status, requestId })
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#received += chunk.length
    if (this.#received > MAX_ANSWER_BYTES) this.#cut("too_large")
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const head = this.#head
    if (head === undefined) this.settle({ kind: "lost", reason: "connection_lost" })
    else this.settle({ kind: "answered", ...head, body: Buffer.concat(this.#chunks) })
  }

  onResponseError(_: unknown, error: Error): void {
    const isTimeout = TIMEOUT_CODES.includes((error as { readonly code?: unknown }).code)
    if (this.#controller === undefined) this.settle({ kind: "unsent", reason: "connection_failed" })
    else this.settle({ kind: "lost", reason: isTimeout ? "timed_out" : "connection_lost", ...this.#head })
  }

  #cut(reason: LostReason): void {
    const controller = this.#controller
    if (controller !== undefined) this.settle({ kind: "lost", reason, ...this.#head })
    else this.settle({ kind: "unsent", reason: "aborted" })
    controller?.abort(new Error("given up"))
  }

  settle(ended: Exchange): void {
    if (this.#isSettled) return
    this.#isSettled = true
    clearTimeout(this.#deadline)
    this.#signal?.removeEventListener("abort", this.#onAbort)
    this.#resolve(ended)
  }
}

/** A header's value if it looks like an identifier; anything else is not kept. */
function toRequestId(header: unknown): string | undefined {
  return typeof header === "string" && /^[\x21-\x7e]{1,128}$/.test(header) ? header : undefined
}
