/**
 * Brings a scan in line with its plan: shards that are as they were screened keep their receipts and their files in the
 * clean copy, those that were replaced or removed lose both.
 * @module
 */
import { rm } from "node:fs/promises"
import type { ShardReceipt } from "@nightlight/contract"
import type { Isolation } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import { namesIn } from "../names-in.ts"
import { outputAt } from "../output/output-at.ts"
import type { ShardPlan } from "../plan/types.ts"
import { type CopiedStamps, copiedKey, readCopied } from "./copied-store.ts"
import { readReceipts } from "./finish-shard.ts"
import { planDigest } from "./plan-digest.ts"
import { countBy } from "./preview-scan.ts"
import type { ScanJob } from "./request.ts"
import type { ScanRecord } from "./scan-record.ts"
import { supersede } from "./superseded.ts"

/** The scan in line with the plan, and the receipts that still hold. */
export interface Reconciled {
  readonly record: ScanRecord
  readonly receipts: Map<string, ShardReceipt>
}

/**
 * Compares a scan's receipts with the plan, and sets aside those that hold no more. Run under the scan's lock, with its
 * output claimed. May be cut off anywhere and run again.
 *
 * @param isolation - Where given, shards screened under another isolation of the decoder are screened again.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 * @throws {IntegrityError} `receipt_untrusted`.
 */
export async function reconcile(
  job: ScanJob,
  { isolation }: { readonly isolation?: Isolation | undefined },
  signal: AbortSignal,
): Promise<Reconciled> {
  const { workspace, plan, folder } = job
  const receipts = new Map(readReceipts(folder, workspace.verifier))
  const digest = planDigest(plan)
  const isSamePlan = digest === job.record.planDigest
  const shards = new Map(plan.shards.map((shard) => [shard.id, shard]))
  const isWhole = await copiesInPlace(job, receipts, signal)
  const holds = (receipt: ShardReceipt): boolean =>
    isScreened(receipt, shards.get(receipt.shard.id)) &&
    (isolation === undefined || receipt.isolation === isolation) &&
    isWhole(receipt)
  const dropped = [...receipts.values()].filter((receipt) => !holds(receipt))
  const gone = new Set(dropped.map(({ shard }) => shard.id))
  const isLeft = plan.shards.some(({ id, last }) => last === undefined && (gone.has(id) || !receipts.has(id)))
  if (isLeft || gone.size > 0) {
    // Tables describe the other shards: what they say changes with those.
    for (const receipt of receipts.values()) {
      if (shards.get(receipt.shard.id)?.last === true && !gone.has(receipt.shard.id)) dropped.push(receipt)
    }
  }
  const record = isSamePlan ? job.record : withPlan(job, digest)
  if (!isSamePlan || dropped.length > 0) await rm(folder.reportJson, { force: true })
  if (!isSamePlan) await writeFileAtomic(folder.record, `${JSON.stringify(record, null, 2)}\n`, 0o600)
  for (const { shard } of dropped) receipts.delete(shard.id)
  await removeCopies(job, receipts, signal)
  for (const receipt of dropped) await supersede(folder, receipt)
  return { record, receipts }
}

/**
 * Sets aside the receipts of shards of which the clean copy has lost or changed a file, and then those of tables, which
 * describe the others. Run under the scan's lock, while nothing writes to the copy.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function setLostAside(
  job: CopyOfScan,
  { receipts, shards }: { readonly receipts: Map<string, ShardReceipt>; readonly shards: readonly ShardPlan[] },
  signal: AbortSignal,
): Promise<void> {
  const isWhole = await copiesInPlace(job, receipts, signal)
  const lost = [...receipts.values()].filter((receipt) => !isWhole(receipt))
  if (lost.length === 0) return
  const tables = new Set(shards.flatMap(({ id, last }) => (last === true ? [id] : [])))
  const dropped = [...receipts.values()].filter((receipt) => lost.includes(receipt) || tables.has(receipt.shard.id))
  await rm(job.folder.reportJson, { force: true })
  for (const { shard } of dropped) receipts.delete(shard.id)
  await removeCopies(job, receipts, signal)
  for (const receipt of dropped) await supersede(job.folder, receipt)
}

/** Whether the clean copy of a finished scan still holds every file that was written, as it was written. */
export async function isCopyWhole(job: CopyOfScan, signal: AbortSignal): Promise<boolean> {
  const receipts = readReceipts(job.folder, job.workspace.verifier)
  const isWhole = await copiesInPlace(job, receipts, signal)
  return [...receipts.values()].every(isWhole)
}

/** A scan with its record. */
type CopyOfScan = Pick<ScanJob, "workspace" | "record" | "folder">

function isScreened({ shard: screened }: ShardReceipt, shard: ShardPlan | undefined): boolean {
  return shard !== undefined && shard.kind === screened.kind && shard.listingDigest === screened.listingDigest
}

function withPlan({ workspace, request, plan, record }: ScanJob, digest: string): ScanRecord {
  return {
    ...record,
    inputs: [...request.inputs],
    sources: plan.sources.map(({ path }) => path),
    planDigest: digest,
    plannedAt: workspace.clock.now().toISOString(),
    skipped: countBy(plan.strays.map(({ code }) => code)),
  }
}

/** Finds out for which receipts the copy holds every file as it was written. */
async function copiesInPlace(
  { workspace, record, folder }: CopyOfScan,
  receipts: ReadonlyMap<string, ShardReceipt>,
  signal: AbortSignal,
): Promise<(receipt: ShardReceipt) => boolean> {
  if (record.out === undefined) return () => true
  const copied = new Map([...receipts.keys()].map((shard) => [shard, readCopied(folder, shard)]))
  const owners = new Map<string, { readonly shard: string; readonly stamps: CopiedStamps }>()
  for (const [shard, stamps] of copied) {
    for (const key of stamps?.keys() ?? []) owners.set(key, { shard, stamps: stamps ?? new Map() })
  }
  const inPlace = new Map<string, number>()
  if (owners.size > 0) {
    for await (const file of (await outputAt(record.out, workspace)).files(signal)) {
      const key = copiedKey(workspace.keyed, file.path)
      const owner = owners.get(key)
      const stamp = owner?.stamps.get(key)
      if (owner === undefined || stamp?.sizeBytes !== file.sizeBytes || stamp.version !== file.version) continue
      inPlace.set(owner.shard, (inPlace.get(owner.shard) ?? 0) + 1)
    }
  }
  return ({ shard, clean }) => {
    if (clean === undefined) return true
    const stamps = copied.get(shard.id)
    if (stamps === undefined || (stamps.size === 0 && clean.itemsWritten > 0)) return false
    return (inPlace.get(shard.id) ?? 0) === stamps.size
  }
}

/**
 * Removes from the copy what shards without a receipt wrote: dropped ones, and those that were cut off between their
 * files and their receipt. Otherwise nothing would know of these files once their shard is gone from the source.
 */
async function removeCopies(
  { workspace, record, folder }: CopyOfScan,
  receipts: ReadonlyMap<string, ShardReceipt>,
  signal: AbortSignal,
): Promise<void> {
  if (record.out === undefined) return
  const dropped = namesIn(folder.copied).filter((shard) => !shard.startsWith(".") && !receipts.has(shard))
  const keys = new Set(dropped.flatMap((shard) => [...(readCopied(folder, shard)?.keys() ?? [])]))
  if (keys.size === 0) return
  const paths: Buffer[] = []
  const output = await outputAt(record.out, workspace)
  for await (const { path } of output.files(signal)) {
    if (keys.has(copiedKey(workspace.keyed, path))) paths.push(path)
  }
  await output.remove(paths)
}
