import type { DatasetPlan } from "../plan/types.ts"
import type { Workspace } from "../workspace/workspace.ts"
import type { ScanFolder } from "./scan-folder.ts"
import type { ScanRecord } from "./scan-record.ts"

/** The request of a scan. */
export interface ScanRequest {
  /** Folders, files and brace lists, as typed. */
  readonly inputs: readonly string[]
  /** Folder of the clean copy; none is written without it. */
  readonly out?: string
  /** Stop for a person's review after this many exact matches of trusted lists. */
  readonly stopAfter?: number
  readonly keepOrientations?: boolean
  /** Globs of paths not to read, beside those of the configuration. */
  readonly exclude?: readonly string[]
  /** Most shards to screen in this run, at least 1. */
  readonly limit?: number
  /** Whether test lists count as real; only for the demonstration. */
  readonly demo?: boolean
  /** Rows from which a table of addresses and digests is read by columns, for tests that compare both ways. */
  readonly columnRows?: number
  /** Another script for the decoder's child, for tests of its death. */
  readonly decoderEntry?: string
}

/** A request with its scan. */
export interface ScanJob {
  readonly workspace: Workspace
  readonly request: ScanRequest
  readonly plan: DatasetPlan
  readonly record: ScanRecord
  readonly folder: ScanFolder
}
