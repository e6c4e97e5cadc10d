/**
 * Policies as the API shows them.
 * @module
 */

import type {
  PolicyCheck,
  PolicyDetail,
  PolicyList,
  PolicyRules,
  PolicySummary,
  PolicyTestView,
  ShadowRunView,
  ShadowView,
  TrialView,
} from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { Admission, PolicyTestResult } from "@nightlight/screening"
import type { PolicyOverview, WholePolicy } from "./service.ts"
import { type ShadowRun, sumShadowCounts } from "./shadow-runs.ts"
import type { Activation } from "./store.ts"
import type { Trial } from "./trial-store.ts"
import { byGravity, toDecisionMoves } from "./trial-tally.ts"
import { countExamined } from "./trials.ts"
import type { PolicyText, PolicyVersion } from "./types.ts"
import { digestOf } from "./versions.ts"

/** A version without text and tests. `activatedAt` is absent until the version has been active. */
export function toSummary(version: PolicyVersion): PolicySummary {
  const { madeAt, activatedAt, digest, policyDigest, name, state, madeBy, ruleCount, testCount } = version
  return compact({
    digest,
    policyDigest,
    name,
    version: version.version,
    state,
    madeBy,
    madeAt: madeAt.toISOString(),
    activatedAt: activatedAt?.toISOString(),
    ruleCount,
    testCount,
  })
}

/** `active`, `shadow` and `previous` are digests, absent if there is none. A missing file counts as unknown. */
export function toList({ versions, active, shadow, previous, file }: PolicyOverview): PolicyList {
  return {
    policies: versions.map(toSummary),
    ...compact({ active, shadow, previous }),
    file: file.state === "missing" ? { state: "missing", known: false } : file,
  }
}

/** A version with text, rules and activations. It runs the version's tests to show their results. */
export function toDetail({ version, policyText, policy, activations }: WholePolicy): PolicyDetail {
  return compact({
    policy: toSummary(version),
    text: policyText.text,
    testsText: policyText.testsText,
    rules: policy.rules.map(({ name, decide, when, note }) =>
      compact({
        id: name,
        decision: decide,
        condition: when,
        description: note,
      }),
    ),
    default: policy.default,
    mediaExceptions: policy.mediaExceptions.map(({ mediaType, paths, reason, until, approvedBy }) => ({
      mediaType,
      ...compact({ paths: paths?.slice() }),
      reason,
      until,
      approvedBy: [...approvedBy],
    })),
    tests: policy.test().map(toTest),
    activations: activations.map(toActivation),
  })
}

/** Name, decision and description of each rule. */
export function toRules({ policy }: Pick<WholePolicy, "policy">): PolicyRules {
  return {
    rules: policy.rules.map(({ name, decide, note }) =>
      compact({
        id: name,
        decision: decide,
        description: note,
      }),
    ),
  }
}

function toTest({ name, passed, expected, actual }: PolicyTestResult): PolicyTestView {
  const { decision, rule } = expected
  return {
    name,
    passed,
    expected: compact({ decision, rule }),
    actual: { decision: actual.decision, rule: actual.rule },
  }
}

function toActivation({ at, how, replaced, approval }: Activation): PolicyDetail["activations"][number] {
  return compact({ at: at.toISOString(), how, replaced, ...approval })
}

/** `digest` is absent if the text does not load. */
export function toCheck(policyText: PolicyText, { problems, policy, tests }: Admission): PolicyCheck {
  return compact({
    problems: problems.map(({ file, line, column, message }) => ({ file, line, column, message })),
    digest: policy === undefined ? undefined : digestOf(policyText),
    tests: tests.map(toTest),
  })
}

/** A trial. `withExamples`: for people who may read cases. */
export function toTrial(trial: Trial, withExamples: boolean): TrialView {
  const { trialId, digest, state, period, requestedBy, requestedAt, endedAt, total, tally } = trial
  const { unchanged, changed, undecided, unreadable, ruleUndecided, rules, undecidedRules, leftOut } = tally
  return compact({
    trialId,
    digest,
    state,
    requestedBy,
    total,
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    requestedAt: requestedAt.toISOString(),
    endedAt: endedAt?.toISOString(),
    examined: countExamined(tally),
    unchanged,
    changed,
    undecided,
    ruleUndecided,
    moves: toDecisionMoves(tally),
    rules: byCount(rules),
    undecidedRules: byCount(undecidedRules),
    leftOut: { ...leftOut, unreadable },
    examples: withExamples ? [...tally.examples] : undefined,
  })
}

function byCount(counts: Readonly<Record<string, number>>): { rule: string; count: number }[] {
  return Object.entries(counts)
    .map(([rule, count]) => ({ rule, count }))
    .sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1))
}

/** Runs of one version in the given order. `running`: whether one of them has not ended. */
export function toShadow(runs: readonly ShadowRun[]): ShadowView {
  return { running: runs.some(({ endedAt }) => endedAt === undefined), runs: runs.map(toRun) }
}

function toRun({ shadowId, startedBy, startedAt, endedBy, endedAt, counts }: ShadowRun): ShadowRunView {
  return compact({
    shadowId,
    startedBy,
    startedAt: startedAt.toISOString(),
    endedBy,
    endedAt: endedAt?.toISOString(),
    ...sumShadowCounts(counts),
    moves: counts
      .map(({ surface, beside, from, to, count }) => ({ surface, beside, from, to, count }))
      .sort((a, b) => byGravity(a, b) || (a.surface < b.surface ? -1 : a.surface > b.surface ? 1 : 0)),
  })
}
