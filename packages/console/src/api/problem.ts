/**
 * The error of a failed call: the server's problem document, or that no answer came.
 * @module
 */

/** A failed call; match on `code`. */
export class CallError extends Error {
  /** The problem's `type`, such as `state_conflict`; `offline` if no answer came. */
  readonly code: string
  /** HTTP status; 0 if no answer came. */
  readonly status: number
  /** The user's next step, if the server names one. */
  readonly hint: string | undefined
  /** Further members of the problem document: ids and counts. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, title: string, status: number, details: Readonly<Record<string, unknown>> = {}) {
    super(title)
    this.name = "CallError"
    this.code = code
    this.status = status
    this.details = details
    this.hint = typeof details["hint"] === "string" ? details["hint"] : undefined
  }
}

/** Reads the error out of an unsuccessful answer. */
export async function toCallError(response: Response): Promise<CallError> {
  const body: unknown = await response.json().catch(() => undefined)
  if (typeof body !== "object" || body === null)
    return new CallError("unavailable", "no usable answer", response.status)
  const { type, title, ...details } = body as Readonly<Record<string, unknown>>
  const code = typeof type === "string" ? type : "unavailable"
  return new CallError(code, typeof title === "string" ? title : code, response.status, details)
}
