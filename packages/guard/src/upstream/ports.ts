/**
 * The port of the upstream.
 * @module
 */
import type { Payload } from "../inspect/payload.ts"
import type { HeaderForms, OneValueHeaders } from "./headers.ts"

/** A call of the upstream. */
export interface UpstreamCall {
  readonly method: "POST" | "GET"
  /** Below the base URL, beginning with `/`. */
  readonly path: string
  readonly payload?: Payload
  readonly streamed: boolean
  /** Forwarded beside the guard's own headers; from an allow-list. Lower-case names. */
  readonly headers: OneValueHeaders
  /** Headers of the answer that may be returned. */
  readonly headersBack: HeaderForms
}

/** An answer whose headers have arrived. Its body is read once, or cancelled. */
export interface UpstreamAnswer {
  readonly status: number
  /** Media type without parameters, lower case; empty where none was given. */
  readonly contentType: string
  /** The headers that may be returned; from an allow-list. */
  readonly headers: Readonly<Record<string, string>>
  /** Reads the whole body. @throws {GuardRefusal} `upstream_failed` beyond `maxBytes`, or cut off. */
  bytes(maxBytes: number): Promise<Uint8Array>
  /** The body as it arrives; breaking out cancels the call. */
  readonly chunks: AsyncIterable<Uint8Array>
  cancel(): void
}

/** The upstream, reached over kept connections. */
export interface Upstream {
  /** Calls that wait for a connection. */
  waiting(): number
  /**
   * @throws {GuardRefusal} `upstream_busy`, `upstream_failed`, `upstream_timed_out`; the reason of `signal` when it
   *   aborts.
   */
  call(call: UpstreamCall, signal: AbortSignal): Promise<UpstreamAnswer>
  close(): Promise<void>
}
