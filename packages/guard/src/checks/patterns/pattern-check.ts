/**
 * Checks texts against the operator's lists of phrases and patterns: normalised, loosened and decoded, in one pass
 * each.
 * @module
 */
import { compact, RequestError } from "@nightlight/core"
import {
  type CompiledRules,
  compileRules,
  type Findings,
  OVERLAP_CHARS,
  PatternError,
  scanAll,
  type TextPiece,
} from "@nightlight/patterns"
import type { CheckItem } from "../../inspect/inspectable.ts"
import type { Coverage } from "../../inspect/surface.ts"
import type { Check, Signal, Verdict } from "../check.ts"
import { DECODERS } from "./decoders.ts"
import { joinedTexts } from "./messages.ts"
import type { PatternRule } from "./rules.ts"

/** A pattern check over one list. */
export interface PatternCheckOptions {
  readonly name: string
  readonly directions: Coverage["directions"]
  readonly rules: readonly PatternRule[]
  readonly deadlineMs: number
}

/**
 * Makes the check. It keeps no text, and its signals name rules, never what matched.
 *
 * @throws {RequestError} `config_invalid` where a phrase or pattern is not usable.
 */
export function createPatternCheck({ name, directions, rules, deadlineMs }: PatternCheckOptions): Check {
  const compiled = compile(rules)
  const signalOf = (offset: number, item?: number): Signal => {
    const { name: rule, decision, shadow, category } = rules[offset] as PatternRule
    return compact({
      check: name,
      rule,
      decision,
      item,
      category,
      shadow: shadow === true ? true : undefined,
    })
  }
  return {
    name,
    kind: "text",
    coverage: { directions, media: ["text"] },
    deadlineMs,
    failureMode: "closed",
    overlapChars: OVERLAP_CHARS,
    findsPending: true,
    run: (items, { direction }, stop) => {
      const texts: CheckedText[] = [...items.flatMap(toChecked), ...joinedTexts(items, direction)]
      const verdict = (seen: readonly Findings[]): Verdict => {
        const signals: Signal[] = []
        const known = new Set<number>()
        for (const [k, { rules }] of seen.entries()) {
          const item = texts[k]?.item
          for (const rule of rules) {
            // A rule that matched a single text is not reported again for the joined ones.
            if (item === undefined && known.has(rule)) continue
            known.add(rule)
            signals.push(signalOf(rule, item))
          }
        }
        const [only] = seen
        if (seen.length !== 1 || only === undefined) return { signals, screened: true }
        return { signals, screened: true, pendingFrom: only.pendingFrom }
      }
      const seen = scanAll(compiled, texts, stop)
      return seen instanceof Promise ? seen.then(verdict) : verdict(seen)
    },
  }
}

/** A text of one item, or one joined from several, which has no position. */
interface CheckedText extends TextPiece {
  readonly item?: number
}

function compile(rules: readonly PatternRule[]): CompiledRules {
  try {
    return compileRules(rules, DECODERS)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw new RequestError("config_invalid", error.message, {
      details: { ...error.place, fault: error.fault },
      hint: "docs/guides/guard-checks.md says which phrases and patterns are accepted.",
    })
  }
}

function toChecked(item: CheckItem, offset: number): CheckedText[] {
  if (item.kind !== "text") return []
  return [{ text: item.text, item: offset, open: item.open === true, continues: item.continues === true }]
}
