/**
 * Errors as problem documents (RFC 9457), and in the journal. Unexpected errors reveal nothing.
 * @module
 */

import { OpaqueId } from "@nightlight/contract/custodian"
import { compact, HOUR_MS, memberOf, NightlightError } from "@nightlight/core"
import type { FastifyReply, FastifyRequest } from "fastify"
import type { Journal } from "../journal/journal.ts"

const STATUS: Readonly<Record<string, number>> = {
  input_invalid: 400,
  passphrase_wrong: 403,
  forbidden: 403,
  not_found: 404,
  state_conflict: 409,
  unavailable: 503,
  decoder_unavailable: 503,
  decoder_not_isolated: 503,
  disk_full: 503,
  write_failed: 503,
  locked: 503,
}

/** Refusals in an hour that each get an event of their own; further ones are counted in one. */
const MAX_JOURNALED = 1000

/** Answers errors; every refusal is in the journal before its answer is sent. */
export type ProblemHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Answers and journals errors; refusals beyond {@link MAX_JOURNALED} in an hour are counted in one event. */
export function createProblemHandler(journal: Journal, monotonicMs: () => number): ProblemHandler {
  let window = { startedAt: monotonicMs(), refusals: 0 }
  /** Of past hours. */
  let unrecorded = 0

  async function recordUnrecorded(): Promise<void> {
    if (unrecorded === 0) return
    const told = unrecorded
    // Before it is written: another refusal that arrives meanwhile must not record them again.
    unrecorded = 0
    await journal.record("requests.refused", "custodian", { unrecorded: told }).catch((error: unknown) => {
      unrecorded += told
      throw error
    })
  }

  async function record(data: Readonly<Record<string, string | number>>): Promise<void> {
    if (monotonicMs() - window.startedAt > HOUR_MS) {
      unrecorded += Math.max(window.refusals - MAX_JOURNALED, 0)
      window = { startedAt: monotonicMs(), refusals: 0 }
    }
    await recordUnrecorded()
    if (++window.refusals <= MAX_JOURNALED) await journal.record("request.refused", "unproven", data)
  }

  return async (error, request, reply) => {
    const { status, body } = toProblem(error)
    const route = routeOf(request)
    const { code = "internal", reason } = body as { code?: string; reason?: string }
    const grantId = grantIdOf(request)
    const named = compact({ grantId })
    await record({ route, status, why: reason ?? code, ...named }).catch(() => undefined)
    await reply.code(status).type("application/problem+json").send(JSON.stringify(body))
  }
}

function toProblem(error: unknown): { readonly status: number; readonly body: object } {
  if (error instanceof NightlightError) {
    const status = STATUS[error.code]
    if (status !== undefined) {
      return { status, body: { type: error.code, title: error.message, status, ...error.details, code: error.code } }
    }
    return {
      status: 500,
      body: { type: error.code, title: "the custodian cannot continue", status: 500, code: error.code },
    }
  }
  // Fastify's own messages quote what they could not read.
  const status = (error as { readonly statusCode?: unknown }).statusCode
  if (typeof status === "number" && status >= 400 && status < 500) {
    const reason = status === 413 ? "too-large" : "malformed"
    return {
      status,
      body: { type: "input_invalid", title: "the request cannot be parsed", status, reason, code: "input_invalid" },
    }
  }
  return { status: 500, body: { type: "internal", title: "internal error", status: 500, code: "internal" } }
}

/** The route's pattern, in the characters that the journal allows: `POST-v1-viewings`. */
function routeOf({ method, routeOptions }: FastifyRequest): string {
  const pattern = (routeOptions.url ?? "unknown").replaceAll(/[^A-Za-z0-9]+/g, "-")
  return `${method}${pattern}`.slice(0, 80)
}

/** The grant that a request names, if it has the form of an id; nothing else of a refused request is kept. */
function grantIdOf({ params, body }: FastifyRequest): string | undefined {
  const inPath = (params as { readonly grantId?: unknown } | undefined)?.grantId
  const inBody = ["grant", "attestation", "proven"].map((name) => memberOf(memberOf(body, name), "grantId"))
  const nested = memberOf(memberOf(memberOf(body, "proven"), "grant"), "grantId")
  const found = [inPath, ...inBody, nested].find((value) => value !== undefined)
  const parsed = OpaqueId.safeParse(found)
  return parsed.success ? parsed.data : undefined
}
