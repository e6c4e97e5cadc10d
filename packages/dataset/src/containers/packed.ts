/**
 * Shared by formats whose shard is one file: opening it, and rewriting it beside its sidecars.
 * @module
 */
import { compact, RequestError } from "@nightlight/core"
import type { ListedFile, ShardListing } from "../readers/listing.ts"
import { pathOf } from "../readers/paths.ts"
import type { StoredFile } from "../stores/store.ts"
import type { ShardCopy, ShardInput, TableRows, WrittenPart } from "./container.ts"
import { copyFiles, type FileToCopy, keptFiles, readVerified } from "./copy-files.ts"
import type { Sink } from "./sink.ts"
import { staleTablesOf } from "./tables/check-tables.ts"
import { isShardStats, MAX_STATS_BYTES, statsText, updateShardStats } from "./tables/shard-stats.ts"

/**
 * Opens the file of a packed shard, which must be as the plan found it.
 *
 * @throws {DependencyError} `source_changed` or `source_unreadable`
 */
export function openShardFile({ listing }: Pick<ShardInput, "listing">): StoredFile {
  return listing.store.open(ownFile(listing))
}

/** Facts learnt while writing a shard's file. */
export interface PackedOutcome {
  /** Rows left out of tables inside the file. */
  droppedRows: number
  /** Base names of tables inside the file that are no longer correct: left out, except in a purge. */
  readonly staleTables: string[]
  /** Rows of the file, where it is a table. */
  rows?: TableRows
  /** Clear rows that are left out because what they are about is not in the copy, and their items. */
  leftOutRows: number
  leftOutItems: number
}

/** Writes the bytes of a shard's file without the dropped items. */
export type WriteShardFile = (
  source: StoredFile,
  to: { readonly copy: ShardCopy; readonly sink: Sink; readonly outcome: PackedOutcome },
  signal: AbortSignal,
) => Promise<void>

/** Writes a packed shard: its file by `write`, and those sidecars that are still correct. */
export async function writePacked(copy: ShardCopy, write: WriteShardFile, signal: AbortSignal): Promise<WrittenPart> {
  const { listing, output, decision, written } = copy
  const sidecars = keptFiles(listing.sidecars, decision.keptSidecars)
  const { store } = listing
  const correct = decision.isIncomplete ? await updatedStats(copy, sidecars) : sidecars
  await copyFiles({ store, files: correct }, output, written, signal)
  const file = ownFile(listing)
  const made = await output.begin(file.path)
  written.push({ path: file.path, made })
  const sink: Sink = async (pieces) => {
    for await (const piece of pieces) {
      signal.throwIfAborted()
      await made.write(piece)
    }
  }
  const outcome: PackedOutcome = { droppedRows: 0, staleTables: [], leftOutRows: 0, leftOutItems: 0 }
  {
    using source = openShardFile(copy)
    await write(source, { copy, sink, outcome }, signal)
  }
  const copied = new Set(correct.map((sidecar) => sidecar.file))
  const staleSidecars = sidecars.flatMap(({ file }) => (copied.has(file) ? [] : [pathOf(file)]))
  const staleTables = [...decision.staleTables, ...outcome.staleTables].map((name) => `${pathOf(file)}!/${name}`)
  const kept = decision.kept.filter((item) => item !== undefined).length
  const isPurge = copy.mode === "purge"
  const leftOut = isPurge ? 0 : staleSidecars.length + outcome.staleTables.length
  return {
    itemsWritten: kept + sidecars.length - leftOut - outcome.leftOutItems,
    leftOut: leftOut + outcome.leftOutRows,
    droppedRows: outcome.droppedRows + outcome.leftOutRows,
    outputSha256: (await made.finish()).sha256,
    ...compact({ rows: outcome.rows }),
    stale: [...staleSidecars, ...staleTables, ...(isPurge && decision.isIncomplete ? staleBeside(listing) : [])],
  }
}

/** Files elsewhere that a purge of this shard makes wrong. */
function staleBeside(listing: ShardListing): readonly string[] {
  return [...staleTablesOf(listing, []), ...(listing.followers ?? []).map(pathOf)]
}

/** The counts of an incomplete shard, made true; other sidecars are no longer correct. */
async function updatedStats(
  { listing, decision, mode }: ShardCopy,
  sidecars: readonly FileToCopy[],
): Promise<readonly FileToCopy[]> {
  if (mode === "purge") return []
  const sidecarsDropped = decision.keptSidecars.filter((item) => item === undefined).length
  const removed = decision.samplesDropped - sidecarsDropped
  const correct: FileToCopy[] = []
  for (const sidecar of sidecars) {
    if (!isShardStats(pathOf(sidecar.file)) || sidecar.file.sizeBytes > MAX_STATS_BYTES) continue
    const text = statsText(await readVerified(listing.store, sidecar))
    const updated = text === undefined ? undefined : updateShardStats(text, removed)
    if (updated !== undefined) correct.push({ ...sidecar, replacement: Buffer.from(updated) })
  }
  return correct
}

function ownFile(listing: ShardListing): ListedFile {
  const [file] = listing.files
  if (file === undefined) throw new RequestError("state_conflict", "expected a shard with a file")
  return file
}
