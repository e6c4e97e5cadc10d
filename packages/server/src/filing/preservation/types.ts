/**
 * Preservation: the duty to keep evidence, its clock, and its end.
 *
 * Sources: 18 USC 2258A(h) (a finished report is a request to preserve for one year, 2258B(c) destruction on a
 * law-enforcement request), 18 USC 2703(f) (90 days, renewable once).
 * @module
 */

import type { LIFT_REASONS } from "@nightlight/contract/server"
import type { HoldReason, PreservationState } from "../../platform/db/tables/filing.ts"

/** One of {@link LIFT_REASONS}. */
export type LiftReason = (typeof LIFT_REASONS)[number]

/** How long a finished production report locks its evidence, years (2258A(h)(1)). */
export const LOCK_YEARS = 1
/** Days within which evidence is destroyed after a review cleared it. */
export const CLEAR_WITHIN_DAYS = 7
/** Days for which a cleared item stays, so that a mistake can be noticed. */
export const CLEAR_AFTER_DAYS = 3

/** The preservation of one piece of evidence. */
export interface Preservation {
  readonly evidenceId: string
  readonly caseId: string
  readonly state: PreservationState
  readonly lockedUntil: Date | undefined
  readonly reportId: string | undefined
  readonly destroyAfter: Date | undefined
  readonly destroyBy: Date | undefined
  readonly certificateId: string | undefined
  readonly destroyedAt: Date | undefined
}

/** A hold on all evidence of a case. Without `until` it lasts until it is lifted. */
export interface Hold {
  readonly holdId: string
  readonly caseId: string
  readonly reason: HoldReason
  readonly requestId: string | undefined
  readonly placedBy: string
  readonly placedAt: Date
  readonly until: Date | undefined
  readonly liftedBy: string | undefined
  readonly liftedAt: Date | undefined
}

/** Adds years in UTC; 29 February becomes 1 March in years without it. */
export function addYears(date: Date, years: number): Date {
  const later = new Date(date)
  later.setUTCFullYear(later.getUTCFullYear() + years)
  return later
}
