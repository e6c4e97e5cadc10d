/**
 * Runs one check once, with its deadline, and turns every fault of it into a failure.
 * @module
 */
import { DECISIONS, DependencyError } from "@nightlight/core"
import { withDeadline } from "@nightlight/screening"
import type { Check, CheckContext, Signal, Verdict } from "../checks/check.ts"
import { failureCauseOf } from "../checks/failure-cause.ts"
import type { CheckItem } from "../inspect/inspectable.ts"
import type { Failure } from "./outcome.ts"

/** A check's verdict or failure, with its duration. */
export interface CheckResult {
  readonly check: Check
  readonly ms: number
  readonly verdict?: Verdict
  readonly failure?: Failure["cause"]
}

const OVERRUN = new DependencyError("timed_out", "a check exceeded its deadline")

/**
 * Runs one check. Answers synchronously where the check does.
 *
 * @throws the reason of `signal` when the caller gives up, and nothing else.
 */
export function runCheck(
  check: Check,
  items: readonly CheckItem[],
  context: CheckContext,
  signal: AbortSignal,
): CheckResult | Promise<CheckResult> {
  // After an abort the check is not started: its rejection would be unhandled.
  signal.throwIfAborted()
  const startedAt = performance.now()
  const done = (verdict: unknown): CheckResult => {
    const ms = performance.now() - startedAt
    if (!isVerdict(verdict, items.length)) return { check, ms, failure: "malformed" }
    return ms > check.deadlineMs ? { check, ms, failure: "timed_out", verdict } : { check, ms, verdict }
  }
  const failed = (error: unknown): CheckResult => {
    signal.throwIfAborted()
    return { check, ms: performance.now() - startedAt, failure: failureCauseOf(error) }
  }
  const stop = new AbortController()
  try {
    const given = check.run(items, context, stop.signal)
    if (!(given instanceof Promise)) return done(given)
    const abort = () => stop.abort(signal.reason)
    signal.addEventListener("abort", abort, { once: true })
    return withDeadline(() => given, check.deadlineMs, signal)
      .then(done, failed)
      .finally(() => {
        signal.removeEventListener("abort", abort)
        // A check past its deadline must stop working.
        stop.abort(OVERRUN)
      })
  } catch (error) {
    return failed(error)
  }
}

function isVerdict(value: unknown, items: number): value is Verdict {
  if (typeof value !== "object" || value === null) return false
  const { signals, screened, pendingFrom = 0 } = value as Partial<Verdict>
  if (!Number.isSafeInteger(pendingFrom) || pendingFrom < 0) return false
  return typeof screened === "boolean" && Array.isArray(signals) && signals.every((signal) => isSignal(signal, items))
}

function isSignal(value: unknown, items: number): value is Signal {
  if (typeof value !== "object" || value === null) return false
  const { rule, decision, item } = value as Partial<Signal>
  if (typeof rule !== "string" || !DECISIONS.includes(decision as Signal["decision"])) return false
  return item === undefined || (Number.isSafeInteger(item) && item >= 0 && item < items)
}
