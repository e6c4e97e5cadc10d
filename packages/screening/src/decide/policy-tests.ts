/**
 * Runs the tests of a policy.
 * @module
 */

import type { Match, Signals, Verdict } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { createDecide } from "./evaluate.ts"
import type { ParsedPolicy } from "./parse-policy.ts"
import type { PolicyTestDocument } from "./policy-schema.ts"

/** Result of one test. */
export interface PolicyTestResult {
  readonly name: string
  readonly passed: boolean
  readonly expected: { readonly decision: string; readonly rule?: string }
  readonly actual: Verdict
}

/**
 * Runs all tests, in their order.
 *
 * @param budgetMs - stops after this time, with fewer results than tests; no limit by default.
 */
export function runPolicyTests(policy: ParsedPolicy, budgetMs = Number.POSITIVE_INFINITY): readonly PolicyTestResult[] {
  const startedAtMs = performance.now()
  const today = new Date()
  let day = today
  const decide = createDecide(policy, () => day)
  const results: PolicyTestResult[] = []
  for (const { name, signals, expect, rule, on } of policy.tests) {
    if (performance.now() - startedAtMs > budgetMs) break
    day = on === undefined ? today : new Date(on)
    const actual = decide(toSignals(signals), signals.path)
    results.push({
      name,
      passed: actual.decision === expect && (rule === undefined || actual.rule === rule),
      expected: compact({ decision: expect, rule }),
      actual,
    })
  }
  return results
}

/** Fills in a test's defaults: a picture, screened, without matches or scores. */
export function toSignals(signals: PolicyTestDocument["signals"]): Signals {
  const { matches = [], weakMatches = [], scores = [], inconclusive } = signals
  const { mediaType = "image/jpeg", kind = "picture", screened = true } = signals
  return compact({
    matches: matches.map(toMatch),
    weakMatches: weakMatches.map(toMatch),
    scores,
    inconclusive,
    mediaType,
    kind,
    screened,
  })
}

type MatchDocument = NonNullable<PolicyTestDocument["signals"]["matches"]>[number]

function toMatch(document: MatchDocument, entry: number): Match {
  const { list = "example", trust = "trusted", category = "unspecified", snapshot = 1, declared } = document
  const { hashType = "pdq", distanceBits = 0, quality = 100, frame = 0 } = document
  const { orientation = "upright", crop = "none", background = "dropped" } = document
  const isPdq = hashType === "pdq"
  return compact({
    list,
    trust,
    entry,
    category,
    snapshot,
    hashType,
    distanceBits,
    radiusBits: document.radiusBits ?? (isPdq ? 31 : 0),
    declared,
    quality: isPdq ? quality : undefined,
    transformation: isPdq ? { orientation, crop, background, frame } : undefined,
  })
}
