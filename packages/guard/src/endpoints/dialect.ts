/**
 * The port of an API's dialect: how a key is sent, what errors look like, and which headers of an answer return to the
 * caller.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import type { Shape } from "../inspect/shape.ts"
import type { CallHeaders, HeaderForms, OneValueHeaders } from "../upstream/headers.ts"

/** An error as it is sent to a caller. */
export interface ErrorAnswer {
  readonly status: number
  readonly headers: OneValueHeaders
  /** JSON. */
  readonly body: string
}

/** Common properties of all endpoints of one API. */
export interface Dialect {
  /** The API's provider, as OpenTelemetry's `gen_ai.provider.name` names it. */
  readonly provider: string
  /** Reads a call's key; `undefined` where the call has none of the right form. */
  keyOf(headers: CallHeaders): string | undefined
  /** The headers that carry the operator's own key to the upstream. */
  keyHeaders(key: string): OneValueHeaders
  /** Lower-case names of the caller's headers that are forwarded where callers bring the upstream's keys themselves. */
  readonly callerHeaders: readonly string[]
  /**
   * Writes a refusal in the form that the API's client libraries understand. Errors of other classes reveal nothing.
   */
  renderError(error: unknown): ErrorAnswer
  /** Shape of an upstream's error; its texts are checked like any output before they pass. */
  readonly errorShape: Shape
  /** The error that replaces an upstream's whose texts are blocked. */
  upstreamError(status: number): JsonValue
  /** Headers of an upstream's answer that return to the caller, with the required form of their values. */
  readonly headersBack: HeaderForms
}
