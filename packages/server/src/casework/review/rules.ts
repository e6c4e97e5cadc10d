/**
 * Decides which decisions a second person reviews.
 * @module
 */
import type { KeyedDigest } from "@nightlight/vault"
import type { Basis } from "../../platform/db/tables/casework.ts"
import type { CaseHead } from "../cases/state/head.ts"
import { outcomeOf } from "./types.ts"

/** Reasons for a second review. */
export const SECOND_REVIEW_REASONS = ["exact-not-reported", "enticement", "sampled", "requested"] as const
/** One of {@link SECOND_REVIEW_REASONS}. */
export type SecondReviewReason = (typeof SECOND_REVIEW_REASONS)[number]

/** Number of digest digits by which the sample is drawn. */
const DIGITS = 8

/** Options of {@link secondReviewReasons}. */
export interface SamplingOptions {
  readonly digests: KeyedDigest
  /** Share of cases, 0 to 1. */
  readonly rate: number
  /** Whether the first reviewer requested it. */
  readonly isRequested: boolean
}

/**
 * Gives the reasons for a second review of a first decision: always if an exact match of a trusted list is not to be
 * reported, for enticement, and if the first reviewer requests it; of the rest, a sample that nobody can foresee
 * without the installation's key and that is the same however often it is drawn. Empty if the first decision is final.
 */
export function secondReviewReasons(
  { caseId, kind, strength }: Pick<CaseHead, "caseId" | "kind" | "strength">,
  basis: Basis,
  { digests, rate, isRequested }: SamplingOptions,
): readonly SecondReviewReason[] {
  if (kind === "test") return isRequested ? ["requested"] : []
  const reasons: SecondReviewReason[] = []
  if (strength === "exact" && outcomeOf(basis) !== "reportable") reasons.push("exact-not-reported")
  if (basis === "18-usc-2422b") reasons.push("enticement")
  const drawn = Number.parseInt(digests.of("second-review", caseId).slice(0, DIGITS), 16) / 16 ** DIGITS
  if (drawn < rate) reasons.push("sampled")
  if (isRequested) reasons.push("requested")
  return reasons
}
