/**
 * The shards of a finished scan, as they were screened, and the samples that they lost.
 * @module
 */
import type { ShardReceipt } from "@nightlight/contract"
import { DependencyError, RequestError } from "@nightlight/core"
import { planDataset } from "../plan/plan-dataset.ts"
import type { ShardPlan } from "../plan/types.ts"
import { readReceipts } from "../scan/finish-shard.ts"
import { readFinished } from "../scan/finished-scan.ts"
import type { ScanFolder } from "../scan/scan-folder.ts"
import type { ScanRecord } from "../scan/scan-record.ts"
import { readFindings } from "../scan/summary.ts"
import type { Workspace } from "../workspace/workspace.ts"

/** A scan of a workspace. */
export interface ScanPlace {
  readonly workspace: Workspace
  readonly record: ScanRecord
  readonly folder: ScanFolder
}

/** A shard as it was screened. */
export interface ScreenedShard {
  readonly shard: ShardPlan
  readonly receipt: ShardReceipt
}

/**
 * Plans the dataset again and compares it with the scan's receipts: every shard must be as it was screened.
 *
 * @throws {RequestError} `state_conflict` where the scan is not finished or had no real list, or set a shard aside that is
 * no table: nobody knows the ids in it.
 * @throws {DependencyError} `source_changed`, `source_unreadable`
 * @throws {IntegrityError} `receipt_untrusted`
 */
export async function screenedShards(
  { workspace, record, folder }: ScanPlace,
  signal: AbortSignal,
): Promise<readonly ScreenedShard[]> {
  const report = readFinished(folder, workspace.verifier)
  if (report === undefined) {
    throw new RequestError("state_conflict", `the scan ${record.scan} is not finished`, {
      hint: "Run the same scan again: it goes on where it stopped.",
    })
  }
  const receipts = readReceipts(folder, workspace.verifier)
  if (!report.screened || report.decisions["unscreened"] !== 0) {
    throw new RequestError("state_conflict", "there was no real list of files' hashes to screen this dataset with", {
      hint: "Import a hash list and scan again: without one, no row counts as clear.",
    })
  }
  const options = { exclude: [workspace.layout.root], excludePaths: record.exclude, s3: workspace.config.s3 }
  const plan = await planDataset(record.sources, options, signal)
  const screened = plan.shards.flatMap((shard) => {
    const receipt = receipts.get(shard.id)
    return receipt?.shard.kind === shard.kind && receipt.shard.listingDigest === shard.listingDigest
      ? [{ shard, receipt }]
      : []
  })
  if (screened.length < plan.shards.length || screened.length < receipts.size) {
    throw new DependencyError("source_changed", "the dataset is not as it was screened", {
      hint: "Run the same scan again: it screens only what changed.",
    })
  }
  for (const one of screened) assertKnown(one)
  return screened
}

/**
 * Ordinals of the samples that a shard lost: each of them has a finding.
 *
 * @throws {RequestError} `state_conflict` where one has none.
 * @throws {IntegrityError} `receipt_untrusted`
 */
export function withheldSamples(folder: ScanFolder, receipt: ShardReceipt): ReadonlySet<number> {
  const withheld = new Set(readFindings(folder, receipt).map(({ sample }) => sample))
  if (withheld.size === receipt.withheldSamples) return withheld
  throw new RequestError("state_conflict", `${receipt.shard.path} has withheld samples without a finding`, {
    hint: "Import a hash list and scan again.",
  })
}

/** A table that was set aside keeps its rows out of the list; of pictures that were, nobody knows the ids. */
function assertKnown({ shard, receipt: { poison } }: ScreenedShard): void {
  if (poison === undefined || shard.kind === "parquet") return
  throw new RequestError("state_conflict", `${shard.path} was set aside, so the ids in it are not known`, {
    hint: "Remove or repair that file and scan again: a list that may name what was not screened is not written.",
  })
}
