/**
 * Rewrites one shard: as a clean copy, or without known items for a purge.
 * @module
 */
import { rm } from "node:fs/promises"
import { compact } from "@nightlight/core"
import type { PackedContainer, ShardCopy, WrittenPart } from "../containers/container.ts"
import type { WrittenFile } from "../containers/copy-files.ts"
import type { CopyMode } from "../containers/decision.ts"
import { containerOf } from "../containers/index.ts"
import { stampOf } from "../output/copied-files.ts"
import { syncFolder, writing } from "../output/errors.ts"
import { assertOutputApart, type OutputFolder, openOutputFolder } from "../output/folder.ts"
import { assertUnchanged, listingOf, openShard } from "../plan/open-shard.ts"
import type { ShardListing } from "../readers/listing.ts"
import { decideShard } from "./decide-shard.ts"
import type { CopyShardJob, CopyShardResult, Keep } from "./types.ts"

/**
 * Writes the clear part of a shard, at the same place and in the same format. The source is only read; two runs give
 * identical bytes.
 *
 * Whole samples are kept or dropped. A packed shard that loses nothing is copied byte for byte, unless it contains
 * bytes that nothing screened: those are dropped. Everything appears at once or not at all, and what an earlier run
 * left of this shard is removed first.
 *
 * @throws {RequestError} `output_conflict` if the output would touch the source.
 * @throws {DependencyError} `source_changed` if bytes differ from those that were screened; `source_unreadable`;
 * `disk_full`, `write_failed`. Nothing of the shard is left behind.
 * @throws {ShardError} if the shard cannot be read to its end.
 */
export async function writeCleanShard(job: CopyShardJob, keep: Keep, signal: AbortSignal): Promise<CopyShardResult> {
  const container = containerOf(job.shard.kind)
  return writeShard(job, { mode: "clean", keep, write: container.writeClean.bind(container) }, signal)
}

/**
 * Rewrites a packed shard for a purge: everything except the items to be removed stays unchanged, readable or not, and
 * tables that are no longer correct are named as stale.
 *
 * @throws as {@link writeCleanShard}.
 */
export async function writePurgedShard(
  { container, ...job }: CopyShardJob & { readonly container: PackedContainer },
  keep: Keep,
  signal: AbortSignal,
): Promise<CopyShardResult> {
  return writeShard(job, { mode: "purge", keep, write: container.writePurged.bind(container) }, signal)
}

interface CopyChoices {
  readonly mode: CopyMode
  readonly keep: Keep
  readonly write: (copy: ShardCopy, signal: AbortSignal) => Promise<WrittenPart>
}

async function writeShard(
  { root, shard, outDir, limits, incomplete, copiedRows, onWritten }: CopyShardJob,
  { mode, keep, write }: CopyChoices,
  signal: AbortSignal,
): Promise<CopyShardResult> {
  const listing = listingOf(shard)
  assertOutputApart(listing.sources, outDir)
  const output = await writing(() => openOutputFolder(outDir, shard.id))
  const written: WrittenFile[] = []
  try {
    await writing(() => removeEarlier(output, listing))
    await using reader = await openShard(root, shard, limits, signal)
    const decision = await decideShard(reader, { container: containerOf(shard.kind), mode }, keep)
    const isLast = shard.last === true
    const part = await write(
      { root, listing, limits, mode, decision, output, written, isLast, incomplete, copiedRows },
      signal,
    )
    assertUnchanged(root, shard, listing)
    await onWritten?.(written.map(({ path, made }) => ({ path, ...stampOf(made.path) })))
    await publish(output, written)
    return compact({
      itemsWritten: part.itemsWritten,
      itemsDropped: decision.kept.length + decision.keptSidecars.length - part.itemsWritten,
      samplesWritten: decision.samplesWritten - part.leftOut,
      samplesDropped: decision.samplesDropped + part.leftOut,
      keyCollisions: decision.keyCollisions,
      droppedRows: part.droppedRows,
      bytes: written.reduce((sum, { made }) => sum + made.sizeBytes, 0),
      outputSha256: part.outputSha256,
      rows: part.rows,
      stale: part.stale,
    })
  } finally {
    for (const { made } of written) await made[Symbol.asyncDispose]()
    await rm(output.temporary, { recursive: true, force: true })
  }
}

/** Renames every file into place, syncing each folder once. */
async function publish(output: OutputFolder, written: readonly WrittenFile[]): Promise<void> {
  for (const { path, made } of written) await made.moveTo(await writing(() => output.place(path)))
  for (const folder of output.changed.values()) await syncFolder(folder)
}

/** A shard that is copied again may be decided differently, so nothing of the earlier copy may stay. */
function removeEarlier(output: OutputFolder, listing: ShardListing): void {
  for (const { path } of [...listing.files, ...listing.sidecars]) output.remove(path)
}
