/**
 * Rewrites one shard: as a clean copy, or without known items for a purge.
 * @module
 */
import { compact } from "@nightlight/core"
import type { PackedContainer, ShardCopy, WrittenPart } from "../containers/container.ts"
import type { ColumnSurvey, CopyMode, ShardDecision } from "../containers/decision.ts"
import { containerOf } from "../containers/index.ts"
import type { WrittenFile } from "../output/output.ts"
import { assertUnchanged, listingOf, openShard } from "../plan/open-shard.ts"
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
  { shard, output: place, limits, incomplete, copiedRows, onWritten, survey }: CopyShardJob,
  { mode, keep, write }: CopyChoices,
  signal: AbortSignal,
): Promise<CopyShardResult> {
  const listing = listingOf(shard)
  await using output = await place.open({ id: shard.id, listing })
  const written: WrittenFile[] = []
  const decide = async () => {
    await using reader = await openShard(shard, limits, signal)
    return decideShard(reader, { container: containerOf(shard.kind), mode }, keep)
  }
  const decision = survey === undefined ? await decide() : decisionOf(survey)
  const isLast = shard.last === true
  const part = await write(
    { listing, limits, mode, decision, output, written, isLast, incomplete, copiedRows, ...compact({ survey }) },
    signal,
  )
  assertUnchanged(listing)
  await onWritten?.(output.stampsOf(written))
  if (await output.publish(written)) await onWritten?.(output.stampsOf(written))
  return compact({
    itemsWritten: survey === undefined ? part.itemsWritten : decision.samplesWritten,
    itemsDropped:
      survey === undefined
        ? decision.kept.length + decision.keptSidecars.length - part.itemsWritten
        : decision.samplesDropped,
    samplesWritten: decision.samplesWritten - part.leftOut,
    samplesDropped: decision.samplesDropped + part.leftOut,
    keyCollisions: decision.keyCollisions,
    droppedRows: part.droppedRows,
    bytes: written.reduce((sum, { made }) => sum + made.sizeBytes, 0),
    outputSha256: part.outputSha256,
    rows: part.rows,
    stale: part.stale,
  })
}

/** The verdict on a table that was read by columns, whose rows have one item each. */
function decisionOf({ groups, keepsMetadata, hasMetadata, rows }: ColumnSurvey): ShardDecision {
  const droppedRows = groups.reduce((sum, group) => sum + group.droppedRows, 0)
  const isMetadataDropped = hasMetadata && !keepsMetadata
  return {
    kept: [],
    keptSidecars: [],
    samplesWritten: rows - droppedRows + (hasMetadata && keepsMetadata ? 1 : 0),
    samplesDropped: droppedRows + (isMetadataDropped ? 1 : 0),
    isIncomplete: droppedRows > 0 || isMetadataDropped,
    keyCollisions: 0,
    staleTables: [],
  }
}
