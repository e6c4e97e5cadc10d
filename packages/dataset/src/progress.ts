/**
 * Progress of work on a dataset's shards, for the person who watches.
 * @module
 */

/** Running counts; bytes are those of the shards in the source. */
export interface ShardsProgress {
  shardsTotal: number
  shardsDone: number
  bytesTotal: number
  bytesDone: number
  /** Items processed in this run. */
  items: number
}

/** Makes counts that begin at 0. */
export function createProgress(shardsTotal: number, bytesTotal: number): ShardsProgress {
  return { shardsTotal, shardsDone: 0, bytesTotal, bytesDone: 0, items: 0 }
}

/** Follows one shard, so that a large one moves the counts before it is done. */
export interface ShardProgress {
  /** Counts an item of the shard; compressed items never add up to more than the shard. */
  advance(bytes: number): void
  /** Counts the shard as done, whatever the result. */
  finish(): void
}

/** Makes a counter for one shard of `sizeBytes`. */
export function followShard(progress: ShardsProgress, sizeBytes: number): ShardProgress {
  let counted = 0
  const advance = (bytes: number): void => {
    const step = Math.min(bytes, sizeBytes - counted)
    counted += step
    progress.bytesDone += step
  }
  return {
    advance,
    finish: () => {
      advance(sizeBytes)
      progress.shardsDone++
    },
  }
}
