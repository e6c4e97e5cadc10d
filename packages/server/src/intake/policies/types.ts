/**
 * Policies: immutable versions, one of which is active.
 * @module
 */

import type { Decision } from "@nightlight/core"
import type { KnownSignals } from "@nightlight/screening"
import type { PolicyState } from "../../platform/db/tables/intake.ts"

/** Actor of versions that come from the workspace's file. */
export const WORKSPACE_ACTOR = "system-workspace"

/** A version without its text. */
export interface PolicyVersion {
  /** SHA-256 of the text, 64 hexadecimal digits. */
  readonly digest: string
  /** Digest of rules, default and exceptions, as verdicts name it. */
  readonly policyDigest: string
  readonly name: string
  readonly version: number
  readonly state: PolicyState
  readonly madeBy: string
  readonly madeAt: Date
  readonly activatedAt: Date | undefined
  readonly ruleCount: number
  readonly testCount: number
}

/** A policy's text: its file, and the tests beside it. */
export interface PolicyText {
  readonly text: string
  readonly testsText?: string
}

/** The subject of a version's events and approvals: a bare digest would not say what it is the digest of. */
export function subjectOf(digest: string): string {
  return `policy-${digest}`
}

/** A past decision, with the stored signals that it was made on. */
export interface PastDecision {
  /** Id within its source. */
  readonly id: string
  readonly at: Date
  readonly decision: Decision
  /** Absent if it can no longer be read. */
  readonly known?: KnownSignals
  /** Where people find it. */
  readonly place: { readonly caseId: string; readonly itemId: string } | { readonly findingId: string }
}

/** Half-open: from `from` until before `to`. */
export interface Period {
  readonly from: Date
  readonly to: Date
}

/** Decisions of the past on which a trial tries another policy. */
export interface PastDecisions {
  count(period: Period): Promise<number>
  /** Newest first. `before`: the last one read. */
  read(
    period: Period,
    page: { readonly before?: { readonly at: Date; readonly id: string }; readonly limit: number },
  ): Promise<readonly PastDecision[]>
}
