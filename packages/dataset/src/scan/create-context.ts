/**
 * Constructs the context of a scan's run; the only place that does.
 * @module
 */

import type { ShardReceipt } from "@nightlight/contract"
import { compact, DAY_MS, hasCode } from "@nightlight/core"
import {
  type FalsePositiveLookup,
  type Fingerprinter,
  type FingerprinterOptions,
  hasContentHashes,
  type ListIndex,
  type Policy,
} from "@nightlight/screening"
import { type EvidenceStore, openEvidenceStore } from "@nightlight/vault"
import { hasRows } from "../containers/index.ts"
import type { CopiedFiles } from "../containers/tables/split-counts.ts"
import type { OutputPlace } from "../output/output.ts"
import { outputAt } from "../output/output-at.ts"
import type { ShardPlan } from "../plan/types.ts"
import { DEFAULT_READER_LIMITS } from "../readers/limits.ts"
import type { ScanContext } from "./context.ts"
import { createScanProgress } from "./progress.ts"
import type { ScanJob } from "./request.ts"
import type { ScanRecord } from "./scan-record.ts"
import { COLUMN_ROWS } from "./screen-columns.ts"
import { Semaphore } from "./semaphore.ts"

/** Longer than the largest item takes to digest. */
const FORGOTTEN_AFTER_MS = DAY_MS

/** Items fingerprinted ahead while the index is read: a quarter of a second's work for two cores. */
const AHEAD_OF_INDEX = 128

/** Bytes of compressed or nested items held in memory at once. */
const HELD_BYTES = 256 * 1024 * 1024

/** Receipts of finished shards, and the shards that are left. */
export interface ScanState {
  readonly receipts: ReadonlyMap<string, ShardReceipt>
  readonly pending: readonly ShardPlan[]
}

/** Parts that are read before a run's first item. */
export interface ScanReadings {
  readonly policy: Policy
  readonly evidence: EvidenceStore
  readonly falsePositives: FalsePositiveLookup
  /** Undefined where no clean copy is written. */
  readonly output: OutputPlace | undefined
}

/** Parts that are opened for a run. */
export interface ScanParts extends ScanReadings {
  readonly index: ListIndex
  readonly decoder: Fingerprinter
  /** See {@link ScanContext.begun}. */
  readonly begun: Promise<void>
}

/** The options of the decoder's children for a scan. */
export function decoderOptions({
  workspace,
  request,
  plan,
  record,
}: Pick<ScanJob, "workspace" | "request" | "plan"> & {
  readonly record: Pick<ScanRecord, "profile" | "kernel">
}): FingerprinterOptions {
  const { processes, limits } = workspace.config.scan
  return compact({
    readRoots: plan.readRoots,
    processes: processes === 0 ? undefined : processes,
    profile: record.profile,
    kernel: record.kernel,
    limits: {
      maxBytes: limits.itemBytes,
      maxPixels: limits.pixels,
      maxFrames: limits.frames,
      timeoutMs: limits.itemSeconds * 1_000,
      maxMemoryBytes: limits.decoderBytes,
    },
    entry: request.decoderEntry,
  })
}

/**
 * Reads what a run needs.
 *
 * @throws {IntegrityError} if the policy kept with the scan or the evidence store is not to be trusted.
 */
export async function readForScan({ workspace, record, folder }: ScanJob): Promise<ScanReadings> {
  const { clock, keyed, manifest } = workspace
  return {
    falsePositives: await workspace.readFalsePositives(),
    policy: await workspace.readPolicy(folder.policy),
    evidence: await openEvidenceStore(workspace.layout.evidence, { manifest, keyedDigest: keyed, clock }),
    output: record.out === undefined ? undefined : await outputAt(record.out, workspace),
  }
}

/** Builds a run's context. */
export function createContext(
  { workspace, request, plan, record, folder }: ScanJob,
  { index, decoder, begun, policy, evidence, falsePositives, output }: ScanParts,
  { receipts, pending }: ScanState,
): ScanContext {
  const { config, clock, keyed } = workspace
  let decoderFailure: unknown
  let hasBegun = false
  // As many as the decoders batch; more would only wait.
  const inFlight = new Semaphore(decoder.capacity + AHEAD_OF_INDEX)
  begun.then(
    () => {
      hasBegun = true
      inFlight.shrink(AHEAD_OF_INDEX)
    },
    () => undefined,
  )
  return {
    record,
    folder,
    root: plan.root,
    output,
    config,
    plannedShards: plan.shards.length,
    ports: {
      fingerprint: async (source, signal) => {
        try {
          const fingerprint = await decoder.fingerprint(source, signal)
          if (!hasBegun) await begun
          return fingerprint
        } catch (error) {
          if (hasCode(error, "decoder_unavailable")) decoderFailure = error
          throw error
        }
      },
      index,
      classifiers: [],
      falsePositives,
      demo: record.demo,
      // The decoder has its own time limit for each item; this one only catches a lost item.
      fingerprintTimeoutMs: FORGOTTEN_AFTER_MS,
    },
    assertDecoder: () => {
      if (decoderFailure !== undefined) throw decoderFailure
    },
    policy,
    evidence,
    keyed,
    recordAll: (events) => workspace.recordAll(events),
    signer: workspace.signer,
    clock,
    readerLimits: DEFAULT_READER_LIMITS,
    columnRows: request.columnRows ?? COLUMN_ROWS,
    isolation: decoder.isolation,
    get screened() {
      return record.demo || index.lists.some((list) => list.trust !== "test" && hasContentHashes(list))
    },
    begun,
    incomplete: () => incompleteShards(plan.shards, receipts),
    copiedRows: () => rowsCopied(plan.shards, receipts),
    progress: createScanProgress(
      pending.length,
      pending.reduce((bytes, shard) => bytes + shard.sizeBytes, 0),
    ),
    inFlight,
    heldBytes: new Semaphore(HELD_BYTES),
  }
}

function incompleteShards(
  shards: readonly ShardPlan[],
  receipts: ReadonlyMap<string, ShardReceipt>,
): ReadonlyMap<string, string> {
  const whole = (shard: ShardPlan) => receipts.get(shard.id)?.clean?.itemsDropped === 0
  const isTable = ({ last, layout }: ShardPlan) => last === true && layout === "loose"
  const incomplete = shards.filter((shard) => !isTable(shard) && !whole(shard))
  return new Map(incomplete.map(({ id, path }) => [id, path]))
}

function rowsCopied(shards: readonly ShardPlan[], receipts: ReadonlyMap<string, ShardReceipt>): CopiedFiles {
  const tables = shards.filter(({ layout, kind }) => layout === "packed" && hasRows(kind))
  return new Map(
    tables.map(({ id, path, sizeBytes }) => {
      const clean = receipts.get(id)?.clean
      if (clean?.rows === undefined) return [path, undefined]
      const { read: rowsRead, written: rowsWritten } = clean.rows
      return [path, { rowsRead, rowsWritten, sourceBytes: sizeBytes, bytes: clean.bytes }]
    }),
  )
}
