/**
 * Where work on the shards of a dataset stands, for the person who watches.
 * @module
 */

/** Running counts; bytes are those of the shards in the source. */
export interface ShardsProgress {
  shardsTotal: number
  shardsDone: number
  bytesTotal: number
  bytesDone: number
  /** Items looked at in this run. */
  items: number
}

/** Starts counting. */
export function createProgress(shardsTotal: number, bytesTotal: number): ShardsProgress {
  return { shardsTotal, shardsDone: 0, bytesTotal, bytesDone: 0, items: 0 }
}

/** Follows one shard, so that a large one moves the counts before it is done. */
export interface ShardProgress {
  /** Counts an item of the shard; what is compressed never counts as more than the shard. */
  advance(bytes: number): void
  /** Counts the shard as done, whatever came of it. */
  finish(): void
}

/** Starts to follow a shard of `sizeBytes`. */
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
