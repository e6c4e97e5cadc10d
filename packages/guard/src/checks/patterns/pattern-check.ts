/**
 * Texts against the operator's lists of phrases and patterns: folded, loosened and decoded, in one pass each.
 * @module
 */
import type { CheckItem } from "../../inspect/inspectable.ts"
import type { Coverage } from "../../inspect/surface.ts"
import type { Check, Signal } from "../check.ts"
import { compileRules } from "./compile.ts"
import { joinedTexts } from "./messages.ts"
import type { PatternRule } from "./rules.ts"
import { scanText } from "./scanner.ts"

/** What {@link createPatternCheck} takes. */
export interface PatternCheckOptions {
  readonly name: string
  readonly directions: Coverage["directions"]
  readonly rules: readonly PatternRule[]
  readonly deadlineMs: number
}

/** Context before what is held, code units: tells whether a word began before it. */
const OVERLAP_CHARS = 64

/**
 * Makes the check. It keeps no text, and its signals name rules: what matched stands nowhere.
 *
 * @throws {RequestError} `config_invalid` where a phrase or pattern is not usable.
 */
export function createPatternCheck({ name, directions, rules, deadlineMs }: PatternCheckOptions): Check {
  const compiled = compileRules(rules)
  const rulesIn = (text: string, open: boolean): Set<number> => {
    const found = new Set<number>()
    scanText(compiled, text, { open, onRule: (rule) => found.add(rule) })
    return found
  }
  const signalOf = (at: number, item?: number): Signal => {
    const { name: rule, decision, shadow, category } = rules[at] as PatternRule
    return {
      ...{ check: name, rule, decision },
      ...(item !== undefined && { item }),
      ...(category !== undefined && { category }),
      ...(shadow === true && { shadow: true }),
    }
  }
  return {
    name,
    kind: "text",
    coverage: { directions, media: ["text"] },
    deadlineMs,
    failureMode: "closed",
    overlapChars: OVERLAP_CHARS,
    pendingFrom: (text) => scanText(compiled, text, { open: true, onRule: () => {} }).pendingFrom,
    run: (items) => {
      const signals: Signal[] = []
      const seen = new Set<number>()
      for (const [at, item] of items.entries()) {
        if (item.kind !== "text") continue
        for (const rule of rulesIn(item.text, isOpen(item))) {
          seen.add(rule)
          signals.push(signalOf(rule, at))
        }
      }
      for (const { text } of joinedTexts(items)) {
        for (const rule of rulesIn(text, false)) {
          if (seen.has(rule)) continue
          seen.add(rule)
          signals.push(signalOf(rule))
        }
      }
      return { signals, screened: true }
    },
  }
}

function isOpen(item: CheckItem): boolean {
  return item.kind === "text" && item.open === true
}
