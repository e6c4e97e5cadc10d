/**
 * What review needs of other features.
 * @module
 */
import type { KeyedDigest } from "@nightlight/vault"
import type { Jobs } from "../../platform/jobs/job.ts"
import type { CasesDeps } from "../cases/ports.ts"
import type { DecidedHook } from "./types.ts"

/** Name of the job that settles decisions. */
export const SETTLE_DECISION = "settle-decision"

/** Configuration of reviews. */
export interface ReviewConfig {
  /** Share of decisions that a second person reviews, 0 to 1. */
  readonly secondReviewSampling: number
}

/** Dependencies of review. */
export interface ReviewDeps extends CasesDeps {
  readonly digests: KeyedDigest
  readonly jobs: Jobs
  readonly config: ReviewConfig
  /** Run after each decision, in this order, in the transaction that settles it. */
  readonly decided: readonly DecidedHook[]
}
