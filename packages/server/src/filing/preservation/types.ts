/**
 * Preservation: the duty to keep evidence, its clock, and its end.
 *
 * Sources: 18 USC 2258A(h) (a finished report is a request to preserve for one year, 2258B(c) destruction on a
 * law-enforcement request), 18 USC 2703(f) (90 days, renewable once).
 * @module
 */

import type { LIFT_REASONS } from "@nightlight/contract/server"
import type { HoldReason, PreservationState } from "../../platform/db/tables/filing.ts"

/** Why a hold is lifted. */
export type LiftReason = (typeof LIFT_REASONS)[number]

/** How long a finished production report locks its evidence, years (2258A(h)(1)). */
export const LOCK_YEARS = 1
/** Within how many days of a review that clears it evidence is gone. */
export const CLEAR_WITHIN_DAYS = 7
/** How long a cleared item is still there for a mistake to be noticed, days. */
export const CLEAR_AFTER_DAYS = 3

/** One piece of evidence as it is preserved. */
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

/** One hold. */
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

/** Adds years in UTC; the 29th of February becomes the 1st of March where there is none. */
export function addYears(date: Date, years: number): Date {
  const later = new Date(date)
  later.setUTCFullYear(later.getUTCFullYear() + years)
  return later
}
