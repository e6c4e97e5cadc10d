/**
 * The commitments over HTTP: how each stands, by what the log holds.
 * @module
 */
import { COMMITMENT_IDS, STAGES } from "@nightlight/core"
import { z } from "zod"
import { Timestamp } from "../screening.ts"

const Count = z.int().nonnegative()

/** Id of one commitment, such as `D1`. */
export const CommitmentIdName = z.enum(COMMITMENT_IDS)

/**
 * How a commitment stands. `fresh`: each of its essential controls has evidence that is new enough; `stale`: each has
 * evidence, not all of it new enough; `gap`: an essential control has none.
 */
export const CommitmentState = z.enum(["fresh", "stale", "gap"])

/**
 * What is missing, to be put into words. `none-yet`: Nightlight has no such control yet; `no-evidence`: it has, and
 * nothing proves it here so far; `stale`: the newest evidence is older than it may be.
 */
export const CommitmentGap = z.strictObject({
  code: z.enum(["none-yet", "no-evidence", "stale"]),
  control: z.string(),
  /** Whether the commitment is not kept without this control. */
  essential: z.boolean(),
  /** Of `stale`: when it was proven last, how many whole days ago, and how many are allowed. */
  lastAt: Timestamp.exactOptional(),
  ageDays: Count.exactOptional(),
  freshDays: z.int().positive().exactOptional(),
})
export type CommitmentGap = z.infer<typeof CommitmentGap>

/** The newest evidence of a control. */
export const CommitmentEvidence = z.strictObject({
  control: z.string(),
  /** Type of the event that proves it, such as `report.finished`. */
  kind: z.string(),
  at: Timestamp,
  /** Events that prove the control, within 365 days up to now, by whole days in UTC. */
  countLastYear: Count,
})
export type CommitmentEvidence = z.infer<typeof CommitmentEvidence>

/** One control. */
export const ControlView = z.strictObject({
  id: z.string(),
  title: z.string(),
  essential: z.boolean(),
  state: z.enum(["fresh", "stale", "no-evidence", "none-yet"]),
  /** How old its newest evidence may be, days; absent where there is no such control yet. */
  freshDays: z.int().positive().exactOptional(),
  evidence: CommitmentEvidence.exactOptional(),
})

/** One commitment. */
export const CommitmentView = z.strictObject({
  id: CommitmentIdName,
  stage: z.enum(STAGES),
  /** In Nightlight's own words, English. */
  title: z.string(),
  state: CommitmentState,
  /** The newest of all its controls; absent where nothing proves any. */
  evidence: CommitmentEvidence.exactOptional(),
  /** Every control without fresh evidence: essential ones first, then by gravity (none-yet, no-evidence, stale). */
  gaps: z.array(CommitmentGap),
  controls: z.array(ControlView),
})
export type CommitmentView = z.infer<typeof CommitmentView>

/** How many commitments stand how. */
export const CommitmentCounts = z.strictObject({ fresh: Count, stale: Count, gap: Count })

/** `GET /v1/commitments` answer: all eleven, in the announcement's order. At most 30 seconds old. */
export const CommitmentList = z.strictObject({
  /** When it was counted. */
  at: Timestamp,
  counts: CommitmentCounts,
  commitments: z.array(CommitmentView),
})
export type CommitmentList = z.infer<typeof CommitmentList>
