/**
 * The port of an API's dialect: how a key is sent, how errors look, and which headers of an answer go back.
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

/** What endpoints of one API have in common. */
export interface Dialect {
  /** Whose API it is, as OpenTelemetry's `gen_ai.provider.name` has it. */
  readonly provider: string
  /** Reads the key that a call brings; `undefined` where it brings none that could be one. */
  keyOf(headers: CallHeaders): string | undefined
  /** Writes the operator's own key for the upstream. */
  keyHeaders(key: string): OneValueHeaders
  /** Lower-case names of a caller's headers that go on to the upstream where callers bring its keys themselves. */
  readonly callerHeaders: readonly string[]
  /** Writes a refusal so that the API's client libraries understand it. Errors of other classes say nothing of themselves. */
  renderError(error: unknown): ErrorAnswer
  /** An upstream's error: its words are checked like any output before they pass. */
  readonly errorShape: Shape
  /** The error that takes the place of an upstream's whose words do not pass. */
  upstreamError(status: number): JsonValue
  /** Headers of an upstream's answer that go back to the caller, and how their values must look. */
  readonly headersBack: HeaderForms
}
