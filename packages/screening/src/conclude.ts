/**
 * Ends every screening: turns all results into signals, and the signals into a verdict by a policy.
 * @module
 */
import {
  compact,
  DECISIONS,
  type Fingerprint,
  type InconclusiveCause,
  type Score,
  type Signals,
  type Verdict,
} from "@nightlight/core"
import { EVALUATION_FLOOR } from "./decide/evaluate.ts"
import type { Policy } from "./decide/policy.ts"
import type { MatchResult } from "./match/match-fingerprint.ts"
import { hasContentHashes } from "./ports.ts"
import type { MatchingPorts, Screening } from "./screening.ts"

/** Results of the steps of a screening. */
export interface Findings extends MatchResult {
  readonly fingerprint?: Fingerprint
  readonly scores: readonly Score[]
  /** A port that failed. It comes before the fingerprint's own cause: no exception for a media type excuses it. */
  readonly failed?: InconclusiveCause
  /** Whether classifiers were available for the item. */
  readonly hadClassifiers?: boolean
  /** Of the item's file or shard below its dataset's root. */
  readonly path?: string
}

/** Decides by a policy. Never throws. */
export function conclude(findings: Findings, ports: MatchingPorts, policy: Policy): Screening {
  const { fingerprint, matches, weakMatches, scores, suppressed, omitted, hadClassifiers = false } = findings
  const hasEntries = hasRealEntries(ports)
  const cause = findings.failed ?? (hasEntries === undefined ? "lists_failed" : fingerprint?.inconclusive)
  const signals: Signals = compact({
    matches,
    weakMatches,
    scores,
    inconclusive: cause,
    mediaType: fingerprint?.mediaType ?? "application/octet-stream",
    kind: fingerprint?.kind ?? "unknown",
    screened: hasEntries === true || hadClassifiers,
  })
  return compact({
    fingerprint,
    matches,
    weakMatches,
    scores,
    inconclusive: cause,
    verdict: decideSafely(policy, signals, findings.path),
    suppressed,
    omitted,
  })
}

/** Whether a real list has a hash to match against; `undefined` where the index does not say. */
function hasRealEntries({ index, demo = false }: MatchingPorts): boolean | undefined {
  try {
    return index.lists.some((list) => (demo || list.trust !== "test") && hasContentHashes(list))
  } catch {
    return undefined
  }
}

function decideSafely(policy: Policy, signals: Signals, path: string | undefined): Verdict {
  const failed: Verdict = { decision: "inconclusive", rule: EVALUATION_FLOOR, policyDigest: policy.digest }
  try {
    const verdict = policy.decide(signals, path)
    return DECISIONS.includes(verdict.decision) ? verdict : failed
  } catch {
    return failed
  }
}
