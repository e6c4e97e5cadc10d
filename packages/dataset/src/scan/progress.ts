import { createProgress, type ShardsProgress } from "../progress.ts"

/** Progress of a scan. */
export interface ScanProgress extends ShardsProgress {
  /** Items with a match of a list. */
  matched: number
  /** Items withheld for any other reason. */
  inconclusive: number
}

/** Starts counting. */
export function createScanProgress(shardsTotal: number, bytesTotal: number): ScanProgress {
  return { ...createProgress(shardsTotal, bytesTotal), matched: 0, inconclusive: 0 }
}
