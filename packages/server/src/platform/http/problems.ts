/**
 * Errors become problem documents (RFC 9457) here and nowhere else. Errors that are not ours reveal nothing.
 * @module
 */
import { compact, NightlightError } from "@nightlight/core"
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify"
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod"
import { leaveUnread } from "./unread-bodies.ts"

/** Status of each code; others are 500 and hidden. */
export const PROBLEM_STATUS: Readonly<Record<string, number>> = {
  input_invalid: 400,
  policy_invalid: 400,
  list_malformed: 400,
  key_malformed: 400,
  passphrase_wrong: 400,
  unauthenticated: 401,
  forbidden: 403,
  step_up_required: 403,
  second_person_required: 403,
  not_found: 404,
  list_unknown: 404,
  state_conflict: 409,
  body_too_large: 413,
  evidence_digest_mismatch: 422,
  budget_reached: 429,
  too_many_requests: 429,
  unavailable: 503,
  timed_out: 503,
  source_unreadable: 503,
  locked: 503,
  disk_full: 507,
  write_failed: 503,
}

const FULL_CODES: ReadonlySet<string> = new Set(["53100", "ENOSPC", "EDQUOT"])

/** A problem document (RFC 9457). */
export interface Problem {
  /** Our code: stable, documented. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly [detail: string]: string | number | boolean | readonly string[]
}

/** Converts an error to a problem document. Errors that are not ours reveal nothing. */
export function toProblem(error: unknown): Problem {
  if (error instanceof NightlightError) {
    const status = PROBLEM_STATUS[error.code]
    if (status !== undefined) {
      const hint = compact({ hint: error.hint })
      return { ...error.details, ...hint, type: error.code, title: error.message, status }
    }
  }
  const { code, statusCode } = error as Partial<FastifyError>
  // An error of a driver or the system itself that nothing translated.
  if (code !== undefined && FULL_CODES.has(code)) {
    return { type: "disk_full", title: "there is no space left", status: 507 }
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    // Paths name our own schema's members; the values, which are a caller's, are left out.
    const members = error.validation.map(({ instancePath }) => `${error.validationContext ?? ""}${instancePath}`)
    return { type: "input_invalid", title: "the call does not match the schema", status: 400, members }
  }
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return { type: "body_too_large", title: "the body is too large", status: 413 }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return { type: "input_invalid", title: "the call cannot be parsed", status: statusCode }
  }
  return { type: "internal", title: "internal error", status: 500 }
}

/** Fastify's error handler. */
export function problemHandler(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = toProblem(error)
  const known = error instanceof NightlightError ? error.code : "unknown"
  if (problem.status >= 500) request.log.error({ code: known, kind: nameOf(error) }, "request failed")
  leaveUnread(request, reply)
  const { retryAfterSeconds } = problem
  if (typeof retryAfterSeconds === "number") void reply.header("retry-after", retryAfterSeconds)
  void reply.code(problem.status).type("application/problem+json").send(JSON.stringify(problem))
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
