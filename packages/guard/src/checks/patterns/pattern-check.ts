/**
 * Texts against the operator's lists of phrases: plain ones, found wherever they stand, whatever their case.
 * @module
 */
import type { Decision } from "@nightlight/core"
import { mediumOf } from "../../inspect/inspectable.ts"
import type { Coverage } from "../../inspect/surface.ts"
import type { Check, Signal } from "../check.ts"

/** Phrases with what they lead to. */
export interface PatternRule {
  readonly name: string
  readonly phrases: readonly string[]
  readonly decision: Decision
  readonly shadow?: boolean
}

/** What {@link createPatternCheck} takes. */
export interface PatternCheckOptions {
  readonly name: string
  readonly directions: Coverage["directions"]
  readonly rules: readonly PatternRule[]
  readonly deadlineMs: number
}

/** Makes the check. */
export function createPatternCheck({ name, directions, rules, deadlineMs }: PatternCheckOptions): Check {
  const folded = rules.map((rule) => ({ rule, phrases: rule.phrases.map(fold) }))
  const longest = Math.max(0, ...folded.flatMap(({ phrases }) => phrases.map((phrase) => phrase.length)))
  return {
    name,
    kind: "text",
    coverage: { directions, media: ["text"] },
    deadlineMs,
    failureMode: "closed",
    overlapChars: longest * 2,
    run: (items) => {
      const signals: Signal[] = []
      for (const [at, item] of items.entries()) {
        if (mediumOf(item) !== "text" || item.kind !== "text") continue
        const text = fold(item.text)
        for (const { rule, phrases } of folded) {
          if (!phrases.some((phrase) => text.includes(phrase))) continue
          signals.push({
            check: name,
            rule: rule.name,
            decision: rule.decision,
            item: at,
            ...(rule.shadow === true && { shadow: true }),
          })
        }
      }
      return { signals, screened: true }
    },
  }
}

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase()
}
