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
