/**
 * The commitments over HTTP: how each stands, by what the log holds.
 * @module
 */
import { COMMITMENT_IDS, CONDITION_IDS, STAGES } from "@nightlight/core"
import { z } from "zod"
import { Timestamp } from "../screening.ts"

const Count = z.int().nonnegative()

/** Id of one commitment, such as `D1`. */
export const CommitmentIdName = z.enum(COMMITMENT_IDS)

/**
 * How a commitment stands. `met`: each of its essential controls is proven, by evidence that is new enough and by what
 * must hold now; `partly`: at least one control is proven, and not each essential one; `not-met`: none is;
 * `not-applicable`: the operator's configuration says so, with a reason.
 */
export const CommitmentState = z.enum(["met", "partly", "not-met", "not-applicable"])
export type CommitmentState = z.infer<typeof CommitmentState>

/** So many of so many. */
export const ShareOf = z.strictObject({ met: Count, of: Count })
export type ShareOf = z.infer<typeof ShareOf>

/**
 * What is missing, to be put into words. `none-yet`: Nightlight has no such control yet; `unrecorded`: it has, and this
 * installation keeps no record of it; `no-evidence`: nothing has proven it here so far; `not-now`: what must hold now does
 * not; `stale`: the newest evidence is older than it may be.
 */
export const CommitmentGap = z.strictObject({
  code: z.enum(["none-yet", "unrecorded", "no-evidence", "not-now", "stale"]),
  control: z.string(),
  /** Whether the commitment is not kept without this control. */
  essential: z.boolean(),
  /** Of `not-now`: what must hold, and of how many things it does. */
  condition: z.enum(CONDITION_IDS).exactOptional(),
  share: ShareOf.exactOptional(),
  /** Of `stale`: when it was proven last, how many whole days ago, and how many are allowed. */
  lastAt: Timestamp.exactOptional(),
  ageDays: Count.exactOptional(),
  freshDays: z.int().positive().exactOptional(),
})
export type CommitmentGap = z.infer<typeof CommitmentGap>

/** The newest evidence of a control. */
export const CommitmentEvidence = z.strictObject({
  control: z.string(),
  /** Type of the event that proves it, such as `report.finished`, or the condition that holds. */
  kind: z.string(),
  at: Timestamp,
  /** Events that prove the control, within 365 days up to now, by whole days in UTC; absent where a condition does. */
  countLastYear: Count.exactOptional(),
})
export type CommitmentEvidence = z.infer<typeof CommitmentEvidence>

/** One control. */
export const ControlView = z.strictObject({
  id: z.string(),
  title: z.string(),
  essential: z.boolean(),
  state: z.enum(["proven", "stale", "not-now", "no-evidence", "unrecorded", "none-yet"]),
  /** How old its newest evidence may be, days; absent where no event proves it. */
  freshDays: z.int().positive().exactOptional(),
  /** What must hold now, and of how many things it does. */
  condition: z.enum(CONDITION_IDS).exactOptional(),
  share: ShareOf.exactOptional(),
  evidence: CommitmentEvidence.exactOptional(),
})

export type ControlView = z.infer<typeof ControlView>

/** One commitment. */
export const CommitmentView = z.strictObject({
  id: CommitmentIdName,
  stage: z.enum(STAGES),
  /** In Nightlight's own words, English. */
  title: z.string(),
  state: CommitmentState,
  /** Of its essential controls, those that are proven. */
  essential: ShareOf,
  /** Of all its controls, those that are proven. */
  proven: ShareOf,
  /** Of `not-applicable`: the reason, in the operator's words. */
  reason: z.string().exactOptional(),
  /** The newest of all its controls; absent where nothing proves any. */
  evidence: CommitmentEvidence.exactOptional(),
  /** Every control that is not proven: essential ones first, then in the order of the codes above. */
  gaps: z.array(CommitmentGap),
  controls: z.array(ControlView),
})
export type CommitmentView = z.infer<typeof CommitmentView>

/** How many commitments stand how. */
export const CommitmentCounts = z.strictObject({ met: Count, partly: Count, notMet: Count, notApplicable: Count })

/** `GET /v1/commitments` answer: all eleven, in the announcement's order. At most 30 seconds old. */
export const CommitmentList = z.strictObject({
  /** When it was counted. */
  at: Timestamp,
  counts: CommitmentCounts,
  commitments: z.array(CommitmentView),
})
export type CommitmentList = z.infer<typeof CommitmentList>
