/**
 * A service of the operator's that is asked about content: over `egress`, with few retries and a breaker. Every fault
 * of the service is an error; no faulty answer counts as clean.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises"
import { type Clock, DependencyError, hasCode, parseStrictJson, systemClock } from "@nightlight/core"
import type { EgressEntry, OperatorEgress } from "@nightlight/egress"
import type { FailureCause } from "../../failure-cause.ts"
import { Breaker, type BreakerOptions, type BreakerState } from "./breaker.ts"

/** Egress, headers and retries for a classifier's service. */
export interface RemoteServiceOptions {
  /** From `createOperatorEgress`; closed with the service. */
  readonly egress: OperatorEgress
  /** Credentials and the like. */
  readonly headers?: Readonly<Record<string, string>>
  readonly breaker?: Partial<BreakerOptions>
  /** Retries after a failure that may pass, 1 by default. None after a time-out. */
  readonly retries?: number
  /** Milliseconds before each retry, 100 by default. */
  readonly retryDelayMs?: number
  readonly clock?: Clock
}

/** A service that answers JSON. */
export interface RemoteService {
  readonly entry: EgressEntry
  readonly breaker: BreakerState
  /**
   * Sends a question.
   *
   * @returns the answer, strict JSON, of status 200; an object without an `error`.
   * @throws {DependencyError} `unavailable`, `timed_out` or `answer_malformed`.
   */
  ask(path: string, question: unknown, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>>
  /** Rejects while the breaker is open. */
  ready(): Promise<void>
  close(): Promise<void>
}

const BREAKER: BreakerOptions = { failures: 5, openMs: 10_000 }

/** Makes the client of a service. */
export function createRemoteService(options: RemoteServiceOptions): RemoteService {
  const { egress, headers = {}, retries = 1, retryDelayMs = 100, clock = systemClock } = options
  const breaker = new Breaker({ ...BREAKER, ...options.breaker }, clock)
  const once = async (path: string, json: unknown, signal: AbortSignal) => {
    const { status, body } = await egress.post(path, { json }, { headers, signal })
    if (status === 429 || status >= 500) {
      const cause = status === 429 ? "overloaded" : "unavailable"
      throw new DependencyError("unavailable", "a classifier is not available", { details: { cause } })
    }
    // A refused question would be refused again.
    if (status !== 200) throw malformed("status", "refused")
    return readAnswer(body)
  }
  const ask: RemoteService["ask"] = async (path, question, signal) => {
    for (let left = retries; ; left--) {
      try {
        return await once(path, question, signal)
      } catch (error) {
        if (left <= 0 || signal.aborted || !hasCode(error, "unavailable")) throw error
        await delay(retryDelayMs, undefined, { signal })
      }
    }
  }
  return {
    entry: egress.entry,
    get breaker() {
      return breaker.state
    },
    ask: (path, question, signal) =>
      breaker.run(
        () => ask(path, question, signal),
        () => !signal.aborted,
      ),
    ready: async () => {
      if (breaker.state === "closed") return
      throw new DependencyError("unavailable", "a classifier is not available", { details: { breaker: breaker.state } })
    },
    close: () => egress.close(),
  }
}

function readAnswer(body: Uint8Array): Readonly<Record<string, unknown>> {
  let answer: unknown
  try {
    answer = parseStrictJson(body)
  } catch {
    throw malformed("json")
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) throw malformed("form")
  const { error } = answer as Readonly<Record<string, unknown>>
  if (error !== undefined && error !== null) throw malformed("error")
  return answer as Readonly<Record<string, unknown>>
}

/** The error for an unusable answer: `reason` names the fault, never the answer's content. */
export function malformed(reason: string, cause: FailureCause = "wrong_form"): DependencyError {
  return new DependencyError("answer_malformed", "a classifier gave no usable answer", { details: { reason, cause } })
}
