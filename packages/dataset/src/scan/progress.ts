/**
 * Where a scan stands, for the person who watches.
 * @module
 */

/** Running counts; bytes are those of the shards in the source. */
export interface ScanProgress {
  shardsTotal: number
  shardsDone: number
  bytesTotal: number
  bytesDone: number
  /** Items screened in this run. */
  items: number
  /** Items with a match of a list. */
  matched: number
  /** Items withheld for any other reason. */
  inconclusive: number
}

/** Starts counting. */
export function createScanProgress(shardsTotal: number, bytesTotal: number): ScanProgress {
  return { shardsTotal, shardsDone: 0, bytesTotal, bytesDone: 0, items: 0, matched: 0, inconclusive: 0 }
}

/** Follows one shard, so that a large one moves the counts before it is done. */
export interface ShardProgress {
  /** Counts an item of the shard; what is compressed never counts as more than the shard. */
  advance(bytes: number): void
  /** Counts the shard as done, whatever came of it. */
  finish(): void
}

/** Starts to follow a shard of `sizeBytes`. */
export function followShard(progress: ScanProgress, sizeBytes: number): ShardProgress {
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
