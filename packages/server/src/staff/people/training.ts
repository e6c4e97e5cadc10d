/**
 * Training of reviewers: dated, and renewed every 12 months.
 * @module
 */
import type { TrainingDates } from "./types.ts"

/** How long a training counts. */
export const TRAINING_MONTHS = 12

/** When a training must be renewed: the same day 12 months later, or the last of its month. UTC. */
export function renewalOf(trainedAt: Date): Date {
  const renewal = new Date(trainedAt)
  renewal.setUTCMonth(renewal.getUTCMonth() + TRAINING_MONTHS)
  // 29 February has no day of its own in the next year.
  if (renewal.getUTCDate() !== trainedAt.getUTCDate()) renewal.setUTCDate(0)
  return renewal
}

/** Whether a training counts at a moment. */
export function isCurrent(training: TrainingDates | undefined, at: Date): boolean {
  return training !== undefined && training.trainedAt <= at && at < training.renewsAt
}
