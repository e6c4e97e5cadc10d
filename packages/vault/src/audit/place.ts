/** The position of a checkpoint among others. */
export interface CheckpointPlace {
  readonly seq: number
  /**
   * How often checkpoints had been restarted: checkpoints after more restarts are later, whatever their events'
   * numbers.
   */
  readonly restarts: number
}

/** Whether a checkpoint was signed after another. */
export function isLaterCheckpoint(one: CheckpointPlace, other: CheckpointPlace): boolean {
  return one.restarts === other.restarts ? one.seq > other.seq : one.restarts > other.restarts
}
