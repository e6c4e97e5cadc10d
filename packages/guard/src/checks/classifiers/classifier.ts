/**
 * The parts that all classifiers share: limits, remembered clean answers, and the health of the service behind.
 * @module
 */
import { type Clock, compact, DependencyError, HOUR_MS, hasCode, NightlightError } from "@nightlight/core"
import type { CheckItem } from "../../inspect/inspectable.ts"
import type { Coverage } from "../../inspect/surface.ts"
import type { Check, CheckContext, Signal } from "../check.ts"
import { FAILURE_CAUSES, type FailureCause } from "../failure-cause.ts"
import { ClearedQuestions } from "./cleared.ts"
import type { PieceLimits } from "./conversation/pieces.ts"
import { Health } from "./health.ts"
import { Inquiry } from "./inquiry.ts"
import { probeItem } from "./probe-items.ts"
import type { RemoteService } from "./remote/service.ts"

/** Options that every classifier has. */
export interface ClassifierOptions {
  readonly name: string
  readonly service: RemoteService
  /** Path on the service's origin, such as `/v1/moderations`. */
  readonly path: string
  readonly directions: Coverage["directions"]
  readonly deadlineMs: number
  /** Until when a failure lets content pass, ISO 8601: an exception approved by two people. Absent: never. */
  readonly openUntil?: string
  /** Position among the classifiers' stages, from 0. */
  readonly stage?: number
  readonly pieces?: Partial<PieceLimits>
  /** Questions in flight for one exchange, 8 by default. */
  readonly concurrency?: number
  /** Questions answered with no signal are not asked again: how many are remembered, and for how long. */
  readonly cleared?: { readonly entries: number; readonly lifetimeMs: number }
  readonly clock?: Clock
}

/** Asks the service about items, all of one message, answer or window. */
export type Inquire = (
  items: readonly CheckItem[],
  context: CheckContext,
  inquiry: Inquiry,
) => Promise<readonly Signal[]>

const PIECES: PieceLimits = { maxChars: 12_000, overlapChars: 200, maxPieces: 512 }
const CLEARED = { entries: 16_384, lifetimeMs: HOUR_MS }
const CONCURRENCY = 8

/** Makes a check of a function that asks about items. */
export function classifier(options: ClassifierOptions, media: Coverage["media"], inquire: Inquire): Check {
  const { name, service, directions, deadlineMs, openUntil, stage = 0, clock } = options
  const { maxPieces, overlapChars } = limitsOf(options)
  const cleared = new ClearedQuestions({ ...CLEARED, ...options.cleared, ...compact({ clock }) })
  const inquiryOf = (signal: AbortSignal, remembers: boolean) =>
    new Inquiry({ cleared, remembers, maxPieces, concurrency: options.concurrency ?? CONCURRENCY, signal })
  const health = new Health(async () => {
    const inquiry = inquiryOf(AbortSignal.timeout(deadlineMs), false)
    try {
      await inquire([probeItem(media.includes("text") ? "text" : "image")], probeContext(directions), inquiry)
      return undefined
    } catch (error) {
      return causeOf(error)
    }
  }, clock)
  return {
    name,
    kind: "classifier",
    stage,
    coverage: { directions, media },
    deadlineMs,
    failureMode: openUntil === undefined ? "closed" : "open",
    ...compact({ openUntil }),
    overlapChars,
    run: async (items, context, signal) => {
      const inquiry = inquiryOf(signal, true)
      try {
        const signals = await inquire(items, context, inquiry)
        if (inquiry.answered > 0) health.answered()
        return { signals, screened: true }
      } catch (error) {
        throw noted(error, signal, inquiry, health)
      }
    },
    health: () => health.state,
    ready: async () => {
      if (health.state.failing === undefined) return service.ready()
      if (await health.ask()) return undefined
      throw new DependencyError("unavailable", "a classifier does not work")
    },
    close: () => service.close(),
  }
}

/** Records a failure of the service and names its cause. A caller that gave up says nothing about the service. */
function noted(error: unknown, signal: AbortSignal, inquiry: Inquiry, health: Health): unknown {
  if (signal.aborted) {
    // The service answered each question in time; only the whole took too long.
    if (hasCode(signal.reason, "timed_out")) health.failed("timed_out", inquiry.answered === 0)
    return error
  }
  const cause = causeOf(error)
  health.failed(cause)
  return new DependencyError(cause === "timed_out" ? "timed_out" : "unavailable", "a classifier gave no verdict", {
    details: { cause },
  })
}

function causeOf(error: unknown): FailureCause {
  const named = error instanceof NightlightError ? (error.details["cause"] as FailureCause) : undefined
  if (named !== undefined && FAILURE_CAUSES.includes(named)) return named
  if (hasCode(error, "timed_out") || (error as { readonly name?: unknown } | null)?.name === "TimeoutError") {
    return "timed_out"
  }
  if (hasCode(error, "unavailable")) return "unreachable"
  return hasCode(error, "answer_malformed") || hasCode(error, "too_large") ? "wrong_form" : "failed"
}

function probeContext(directions: Coverage["directions"]): CheckContext {
  const direction = directions[0] ?? "input"
  return { exchange: "probe", endpoint: "chat", direction, caller: { id: "probe", trusted: true } }
}

/** Limits of a classifier's pieces, with the defaults filled in. */
export function limitsOf({ pieces }: ClassifierOptions): PieceLimits {
  return { ...PIECES, ...pieces }
}

/** The item of a signal about several: that item where there is only one, else none. */
export function itemOf(items: readonly number[]): { readonly item?: number } {
  const [only] = items
  return items.length === 1 && only !== undefined ? { item: only } : {}
}
