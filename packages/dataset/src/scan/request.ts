import type { DatasetPlan } from "../plan/types.ts"
import type { Workspace } from "../workspace/workspace.ts"
import type { ScanFolder } from "./scan-folder.ts"
import type { ScanRecord } from "./scan-record.ts"

/** What a scan is asked to do. */
export interface ScanRequest {
  /** Folders, files and brace lists, as typed. */
  readonly inputs: readonly string[]
  /** Folder of the clean copy; none is written without it. */
  readonly out?: string
  /** Stop for a person after this many exact matches of trusted lists. */
  readonly stopAfter?: number
  readonly keepOrientations?: boolean
  /** Whether test lists count as something to check with: the demonstration alone. */
  readonly demo?: boolean
  /** Another script for the decoder's child: tests of its deaths. */
  readonly decoderEntry?: string
}

/** A request with the scan that it came to. */
export interface ScanJob {
  readonly workspace: Workspace
  readonly request: ScanRequest
  readonly plan: DatasetPlan
  readonly record: ScanRecord
  readonly folder: ScanFolder
}
