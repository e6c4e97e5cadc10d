/**
 * The commitments over HTTP, with the status of each.
 * @module
 */
import { COMMITMENT_IDS, CONDITION_IDS, STAGES } from "@nightlight/core"
import { z } from "zod"
import { Timestamp } from "../screening.ts"

const Count = z.int().nonnegative()

/** Id of one commitment, such as `D1`. */
export const CommitmentIdName = z.enum(COMMITMENT_IDS)

/**
 * Status of a commitment. `met`: each of its essential controls is proven, by evidence that is new enough and by
 * conditions that hold now; `partly`: at least one control is proven, and not each essential one; `not-met`: none is;
 * `not-applicable`: the operator's configuration says so, with a reason.
 */
export const CommitmentState = z.enum(["met", "partly", "not-met", "not-applicable"])
export type CommitmentState = z.infer<typeof CommitmentState>

/** `met` of `of`. */
export const ShareOf = z.strictObject({ met: Count, of: Count })
export type ShareOf = z.infer<typeof ShareOf>

/**
 * A gap, as codes. `none-yet`: Nightlight has no such control yet; `unrecorded`: it has, and this installation keeps no
 * record of it; `no-evidence`: nothing has proven it here so far; `not-now`: a condition does not hold now; `stale`:
 * the newest evidence is too old.
 */
export const CommitmentGap = z.strictObject({
  code: z.enum(["none-yet", "unrecorded", "no-evidence", "not-now", "stale"]),
  control: z.string(),
  /** Whether the commitment cannot be met without this control. */
  essential: z.boolean(),
  /** For `not-now`: the condition, and the number of things that meet it. */
  condition: z.enum(CONDITION_IDS).exactOptional(),
  share: ShareOf.exactOptional(),
  /** For `stale`: when it was last proven, how many whole days ago, and how many are allowed. */
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
  /**
   * Events that prove the control, within 365 days up to now, by whole days in UTC; absent if a condition proves it.
   */
  countLastYear: Count.exactOptional(),
})
export type CommitmentEvidence = z.infer<typeof CommitmentEvidence>

/** One control. */
export const ControlView = z.strictObject({
  id: z.string(),
  title: z.string(),
  essential: z.boolean(),
  state: z.enum(["proven", "stale", "not-now", "no-evidence", "unrecorded", "none-yet"]),
  /** Maximum age of its newest evidence, days; absent if no event proves it. */
  freshDays: z.int().positive().exactOptional(),
  /** The condition that must hold now, and the number of things that meet it. */
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
  /** How many of its essential controls are proven. */
  essential: ShareOf,
  /** How many of all its controls are proven. */
  proven: ShareOf,
  /** For `not-applicable`: the reason, in the operator's words. */
  reason: z.string().exactOptional(),
  /** The newest of all its controls; absent if none is proven. */
  evidence: CommitmentEvidence.exactOptional(),
  /** Every control that is not proven: essential ones first, then in the order of the codes above. */
  gaps: z.array(CommitmentGap),
  controls: z.array(ControlView),
})
export type CommitmentView = z.infer<typeof CommitmentView>

/** Number of commitments by status. */
export const CommitmentCounts = z.strictObject({ met: Count, partly: Count, notMet: Count, notApplicable: Count })

/** `GET /v1/commitments` answer: all eleven, in the announcement's order. At most 30 seconds old. */
export const CommitmentList = z.strictObject({
  /** When it was counted. */
  at: Timestamp,
  counts: CommitmentCounts,
  commitments: z.array(CommitmentView),
})
export type CommitmentList = z.infer<typeof CommitmentList>
