import type { Problem } from "./validate/problem.ts"

/** Codes of {@link CybertiplineError}. */
export type CybertiplineErrorCode =
  /** A report breaks the schema or one of its rules; nothing was sent. */
  | "report_invalid"
  /** File details break the schema or one of its rules; nothing was sent. */
  | "file_details_invalid"
  /** The options of a client or a simulator contradict each other. */
  | "options_invalid"
  /** A report id is not a positive number in decimal digits. */
  | "report_id_malformed"
  /** The client was closed before the call. */
  | "client_closed"
  /** A simulator in its own process did not start, or does not answer. */
  | "simulator_unavailable"

/** Options of a {@link CybertiplineError}. */
export interface CybertiplineErrorOptions extends ErrorOptions {
  /** Problems of a document, by path. */
  readonly problems?: readonly Problem[]
}

/** Thrown by `@nightlight/cybertipline`, and by nothing else. Its message names fields and counts, never a value. */
export class CybertiplineError extends Error {
  override name = "CybertiplineError"
  readonly code: CybertiplineErrorCode
  /** Every problem of a refused document; empty for other codes. */
  readonly problems: readonly Problem[]

  constructor(code: CybertiplineErrorCode, message: string, options: CybertiplineErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.problems = options.problems ?? []
  }
}
