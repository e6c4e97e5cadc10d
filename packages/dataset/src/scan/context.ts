/**
 * The context of every step of a scan.
 * @module
 */

import type { Clock, Isolation, Signer } from "@nightlight/core"
import type { Policy, ScreeningPorts } from "@nightlight/screening"
import type { EvidenceStore, KeyedDigest } from "@nightlight/vault"
import type { CopiedFiles } from "../containers/tables/split-counts.ts"
import type { OutputPlace } from "../output/output.ts"
import type { ItemSource, ReaderLimits } from "../readers/types.ts"
import type { WorkspaceConfig } from "../workspace/config.ts"
import type { Workspace } from "../workspace/workspace.ts"
import type { ScanProgress } from "./progress.ts"
import type { ScanFolder } from "./scan-folder.ts"
import type { ScanRecord } from "./scan-record.ts"
import type { Semaphore } from "./semaphore.ts"

/** Built once a run by `runScan`; nothing else constructs its parts. */
export interface ScanContext {
  readonly record: ScanRecord
  readonly folder: ScanFolder
  /** Real path of the dataset's folder, or its address in a store, which shards' paths are relative to. */
  readonly root: string
  /** Where the clean copy is written, if one is. */
  readonly output: OutputPlace | undefined
  readonly config: WorkspaceConfig
  /** Shards of the plan, screened or not. */
  readonly plannedShards: number
  /** `fingerprint` yields nothing, and no look-up is possible, before {@link begun}. */
  readonly ports: ScreeningPorts<ItemSource>
  /**
   * Resolves when the index is read and the run is recorded. Until then items are fingerprinted ahead, but not matched,
   * and nothing is written.
   */
  readonly begun: Promise<void>
  /**
   * Throws when no decoder starts any more: screening answers for each item separately, and would make all of them
   * inconclusive where the shard should wait for another run.
   */
  readonly assertDecoder: () => void
  readonly policy: Policy
  readonly evidence: EvidenceStore
  readonly keyed: KeyedDigest
  /** Writes events to the log. */
  readonly recordAll: Workspace["recordAll"]
  readonly signer: Signer
  readonly clock: Clock
  readonly readerLimits: ReaderLimits
  /** Rows from which a table of addresses and digests is read by columns. */
  readonly columnRows: number
  /** How far the decoder is kept from everything else. */
  readonly isolation: Isolation
  /**
   * Whether a real list is present, or this is the demonstration; without, no clean copy is written. Known once {@link
   * begun}.
   */
  readonly screened: boolean
  /** Ids and paths of the shards done so far that lost an item in the clean copy. */
  readonly incomplete: () => ReadonlyMap<string, string>
  /** Rows of the tables' files that were copied so far, by path. */
  readonly copiedRows: () => CopiedFiles
  readonly progress: ScanProgress
  /** Items in progress at once, over all shards. */
  readonly inFlight: Semaphore
  /** Bytes of items held in memory at once. */
  readonly heldBytes: Semaphore
}
