/**
 * Training of reviewers: dated, and renewed every 12 months.
 * @module
 */
import type { TrainingDates } from "./types.ts"

/** How long a training is valid. */
export const TRAINING_MONTHS = 12

/** When a training must be renewed: on the same day 12 months later, or the last day of that month. UTC. */
export function renewalOf(trainedAt: Date): Date {
  const renewal = new Date(trainedAt)
  renewal.setUTCMonth(renewal.getUTCMonth() + TRAINING_MONTHS)
  // 29 February does not exist in the next year.
  if (renewal.getUTCDate() !== trainedAt.getUTCDate()) renewal.setUTCDate(0)
  return renewal
}

/** Whether a training is valid at a moment. */
export function isCurrent(training: TrainingDates | undefined, at: Date): boolean {
  return training !== undefined && training.trainedAt <= at && at < training.renewsAt
}
