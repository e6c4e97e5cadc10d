import type { Decision } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { Signal } from "../check.ts"
import { itemOf } from "./classifier.ts"

/** The decision that a classifier's label leads to. */
export interface LabelRule {
  readonly label: string
  /** Score from which the rule matches, 0 to 1. */
  readonly threshold: number
  readonly decision: Decision
  readonly shadow?: boolean
}

/** Returns a signal for each rule whose label's score reaches its threshold. */
export function signalsOf(
  check: string,
  rules: readonly LabelRule[],
  scoreOf: (label: string) => number | undefined,
  items: readonly number[],
): Signal[] {
  return rules.flatMap(({ label, threshold, decision, shadow }) => {
    const score = scoreOf(label)
    if (score === undefined || score < threshold) return []
    return [
      {
        check,
        rule: label,
        decision,
        ...itemOf(items),
        category: label,
        score,
        ...compact({ shadow: shadow === true ? shadow : undefined }),
      },
    ]
  })
}

/** Whether a value is a number from 0 to 1. */
export function isScore(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1
}
