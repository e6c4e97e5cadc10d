/**
 * Turns signals into a verdict.
 * @module
 */
import { DECISIONS, type Decision, graver, type Signals, type Verdict } from "@nightlight/core"
import { exceptionFor, exceptionRule, floorsOf } from "./floors.ts"
import type { CompiledRule, ParsedPolicy } from "./parse-policy.ts"
import { type SignalsView, toView } from "./vocabulary.ts"

/** Rule name of a verdict where a condition could not be evaluated, and nothing graver was decided. */
export const EVALUATION_FLOOR = "floor:evaluation"

/** Result of evaluating a condition; `failed` never counts as `not_held`. */
export type Outcome = "held" | "not_held" | "failed"

/** Cache size for verdicts on items without matches or scores: most items, with few distinct signals. */
const REMEMBERED_VERDICTS = 1024

/** Never throws. */
export function outcomeOf(rule: CompiledRule, view: SignalsView): Outcome {
  try {
    const result: unknown = rule.condition(view)
    return result === true ? "held" : result === false ? "not_held" : "failed"
  } catch {
    return "failed"
  }
}

/**
 * Makes the function that decides by a policy; `loadPolicy` describes how a policy decides.
 *
 * The function never throws: unreadable signals are `inconclusive`.
 */
export function createDecide(policy: ParsedPolicy, now: () => Date): (signals: Signals, path?: string) => Verdict {
  const gravestFirst = policy.rules.toSorted((a, b) => DECISIONS.indexOf(b.decide) - DECISIONS.indexOf(a.decide))
  const remembered = new Map<string, Verdict>()

  return (signals, path) => {
    try {
      return decide(signals, path)
    } catch {
      return verdict("inconclusive", EVALUATION_FLOOR)
    }
  }

  function decide(signals: Signals, path: string | undefined): Verdict {
    const exception = exceptionFor(policy.mediaExceptions, signals, now, path)
    const bare = signals.matches.length + signals.weakMatches.length + signals.scores.length === 0
    if (!bare || exception !== undefined) return conclude(signals, exception !== undefined)

    // The conditions are pure, so the same signals give the same verdict.
    const key = JSON.stringify(signals)
    const known = remembered.get(key)
    if (known !== undefined) return known
    const made = conclude(signals, false)
    if (remembered.size < REMEMBERED_VERDICTS) remembered.set(key, made)
    return made
  }

  function conclude(signals: Signals, excepted: boolean): Verdict {
    const ruled = byRules(toSignalsView(signals, excepted))
    const made = floorsOf(signals, excepted).reduce(raise, ruled)
    if (excepted && made.decision === "clear") return { ...made, rule: exceptionRule(signals.mediaType) }
    return made
  }

  function byRules(view: SignalsView): Verdict {
    let failed = false
    for (const rule of gravestFirst) {
      const outcome = outcomeOf(rule, view)
      if (outcome === "failed") failed = true
      // A failed condition might have been met, so nothing milder than inconclusive may be decided after it.
      if (outcome === "held")
        return failed ? atLeastInconclusive(rule.decide, rule.name) : verdict(rule.decide, rule.name)
    }
    return failed ? atLeastInconclusive(policy.default, "default") : verdict(policy.default, "default")
  }

  function atLeastInconclusive(decision: Decision, rule: string): Verdict {
    return raise(verdict(decision, rule), { decision: "inconclusive", rule: EVALUATION_FLOOR, applies: true })
  }

  function verdict(decision: Decision, rule: string): Verdict {
    return { decision, rule, policyDigest: policy.digest }
  }
}

/** The signals as the rules see them: an item that an exception lets through counts as screened. */
export function toSignalsView(signals: Signals, excepted: boolean): SignalsView {
  const view = toView(signals)
  return excepted ? { ...view, inconclusive: "" } : view
}

/** Raises a verdict to a floor; a verdict that is already as grave keeps its rule. */
export function raise(
  verdict: Verdict,
  floor: { readonly decision: Decision; readonly rule: string; readonly applies: boolean },
): Verdict {
  if (!floor.applies || graver(verdict.decision, floor.decision) === verdict.decision) return verdict
  return { ...verdict, decision: floor.decision, rule: floor.rule }
}
