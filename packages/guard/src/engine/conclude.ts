/**
 * Turns what the checks said into an outcome.
 * @module
 */
import { compact, type Decision, graver } from "@nightlight/core"
import type { Check, Signal } from "../checks/check.ts"
import { type CheckItem, type Medium, mediumOf } from "../inspect/inspectable.ts"
import type { Assigned } from "./engine.ts"
import { type Action, type Failure, type Outcome, PASSED } from "./outcome.ts"

/** Results of the checks for some items. */
export interface Conclusion {
  readonly assigned: readonly Assigned[]
  readonly items: readonly CheckItem[]
  readonly now: () => Date
  /** Whether a real check must have seen every item. False for a window, which the checks of other windows share. */
  readonly mustBeScreened: boolean
  readonly isExcepted: (medium: Medium) => boolean
}

/** Makes one outcome. Only `clear` passes. */
export function conclude({ assigned, items, now, mustBeScreened, isExcepted }: Conclusion): Outcome {
  if (!mustBeScreened && assigned.length > 0 && assigned.every(saysNothing)) {
    return { decision: "clear", action: "pass", signals: [], failures: [], ran: assigned.map(toRan) }
  }
  const signals = assigned.flatMap(({ result, positions }) =>
    (result.verdict?.signals ?? []).map((signal) =>
      placed(signal, result.check.name, result.check.kind === "match", positions),
    ),
  )
  const failures = assigned.flatMap(({ result }): Failure[] => {
    const { check, failure } = result
    if (failure === undefined) return []
    return [
      compact({
        check: check.name,
        cause: failure,
        excused: isExcused(check, now()) ? (true as const) : undefined,
      }),
    ]
  })
  const found = signals.reduce<Decision>(
    (gravest, { decision, shadow }) => (shadow === true ? gravest : graver(gravest, decision)),
    "clear",
  )
  // A signal decides the outcome; coverage no longer matters.
  const all = found === "clear" && mustBeScreened ? [...failures, ...unscreened(assigned, items, isExcepted)] : failures
  if (all.length === 0 && signals.length === 0 && assigned.length === 0) return PASSED
  const isUnavailable = all.some(({ excused }) => excused !== true)
  const action: Action = found !== "clear" ? "block" : isUnavailable ? "unavailable" : "pass"
  return {
    decision: found === "clear" && isUnavailable ? "inconclusive" : found,
    action,
    signals,
    failures: all,
    ran: assigned.map(toRan),
  }
}

/** A window without signals or failures, as most are. */
function saysNothing({ result: { verdict, failure } }: Assigned): boolean {
  return failure === undefined && verdict?.signals.length === 0
}

function toRan({ result: { check, ms, verdict } }: Assigned): Outcome["ran"][number] {
  return verdict?.pendingFrom === undefined
    ? { check: check.name, ms }
    : { check: check.name, ms, pendingFrom: verdict.pendingFrom }
}

/** Whether an exception in force excuses a check's failure; never a match check's. */
export function isExcused({ kind, failureMode, openUntil }: Check, now: Date): boolean {
  return kind !== "match" && failureMode === "open" && Date.parse(openUntil ?? "") > now.getTime()
}

/** A signal with its position among all items. A list match is never in shadow. */
function placed(signal: Signal, check: string, isMatch: boolean, positions: readonly number[]): Signal {
  const { item, shadow, ...rest } = signal
  const index = item === undefined ? undefined : positions[item]
  return { ...rest, check, ...compact({ item: index, shadow: shadow === true && !isMatch ? shadow : undefined }) }
}

function unscreened(
  assigned: readonly Assigned[],
  items: readonly CheckItem[],
  isExcepted: Conclusion["isExcepted"],
): Failure[] {
  const inspected = new Set<number>()
  for (const { result, positions } of assigned) {
    const isExcused = result.failure !== undefined
    if (isExcused || result.verdict?.screened === true) for (const itemIndex of positions) inspected.add(itemIndex)
  }
  const media = new Set<Medium>()
  for (const [index, item] of items.entries()) if (!inspected.has(index)) media.add(mediumOf(item))
  return [...media].map((medium) =>
    compact({
      check: medium,
      cause: "unscreened" as const,
      excused: isExcepted(medium) ? (true as const) : undefined,
    }),
  )
}
