/**
 * Writes the clean copy of one shard: what was screened and found clear, at the same place and in the same format.
 * @module
 */

import { rm } from "node:fs/promises"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"
import { compact } from "@nightlight/core"
import type { ListedFile, ShardListing } from "../plan/types.ts"
import { archivePath, assertUnchanged, listingOf, openShard, openUnchanged } from "../readers/open-shard.ts"
import { groupByStem } from "../readers/stem-groups.ts"
import { gunzipFile, randomTarInput, streamTarInput } from "../readers/tar-input.ts"
import { readZipDirectory } from "../readers/zip-directory.ts"
import { AtomicFile, syncFolder } from "./atomic-file.ts"
import { copyFiles, type FileToCopy, pathOf, type WrittenFile } from "./clean-files.ts"
import { cleanTar } from "./clean-tar.ts"
import { cleanZip, type ZipOutcome } from "./clean-zip.ts"
import { decideShard, type KeptItem, type ShardDecision } from "./decide-shard.ts"
import { writing } from "./output-errors.ts"
import { assertOutputApart, type OutputFolder, openOutputFolder } from "./output-folder.ts"
import { purgedZip } from "./purged-zip.ts"
import { checkTables, staleTablesOf } from "./tables.ts"
import type { CleanShardJob, CleanShardResult, Keep } from "./types.ts"
import { copyWholeGzip } from "./whole-gzip.ts"

/**
 * Copies what is clear of a shard. The source is only read; two runs give identical bytes.
 *
 * Whole samples are kept or dropped. A tar, gzipped tar or zip of which nothing is dropped is copied byte for byte,
 * unless it holds bytes that nothing screened: those go. What is compressed anew has level 6, no time and no name. Everything appears at once or not at all, and what an earlier run left of this shard is removed first.
 *
 * @throws {RequestError} `output_conflict` if the output would touch the source.
 * @throws {DependencyError} `source_changed` if bytes are not those that were screened; `source_unreadable`;
 *   `disk_full`, `write_failed`. Nothing of the shard is left behind.
 * @throws {ShardError} if the shard cannot be read to its end.
 */
export async function writeCleanShard(job: CleanShardJob, keep: Keep, signal: AbortSignal): Promise<CleanShardResult> {
  const { root, shard, outDir, limits } = job
  const listing = listingOf(shard)
  assertOutputApart(listing.sources, outDir)
  const output = await writing(() => openOutputFolder(outDir, shard.id))
  const written: WrittenFile[] = []
  try {
    await writing(() => removeEarlier(output, listing))
    await using reader = await openShard(root, shard, limits, signal)
    const decision = await decideShard(reader, { kind: shard.kind, mode: job.mode }, keep)
    const copy = { job, listing, output, decision, written }
    const part = shard.kind === "files" ? await copyPlainFiles(copy, signal) : await copyArchive(copy, signal)
    assertUnchanged(root, shard, listing)
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
      stale: part.stale,
    })
  } finally {
    for (const { made } of written) made[Symbol.dispose]()
    await rm(output.temporary, { recursive: true, force: true })
  }
}

interface Copy {
  readonly job: CleanShardJob
  readonly listing: ShardListing
  readonly output: OutputFolder
  readonly decision: ShardDecision
  readonly written: WrittenFile[]
}

interface Part {
  readonly itemsWritten: number
  /** Clear samples left out because they no longer hold, each a table or sidecar of its own. */
  readonly leftOut: number
  readonly droppedRows: number
  readonly outputSha256?: string
  readonly stale: readonly string[]
}

async function copyPlainFiles({ job, listing, output, decision, written }: Copy, signal: AbortSignal): Promise<Part> {
  const { root, incomplete, shard, mode } = job
  // The order in which the reader numbered them.
  const inOrder = groupByStem(listing.files, pathOf).flatMap((group) => group.files)
  const kept = keptFiles(inOrder, decision.kept)
  if (mode === "purge") {
    await copyFiles({ root, files: kept }, output, written, signal)
    const staying = new Set(kept.map(({ file }) => file))
    const gone = inOrder.filter((file) => !staying.has(file))
    const stale = gone.length === 0 ? [] : staleTablesOf(listing, gone)
    return { itemsWritten: kept.length, leftOut: 0, droppedRows: 0, stale }
  }
  const { files, droppedRows, stale } =
    shard.last === true
      ? checkTables(kept, { root, listing, output, incomplete })
      : { files: kept, droppedRows: 0, stale: [] }
  await copyFiles({ root, files }, output, written, signal)
  return { itemsWritten: files.length, leftOut: stale.length, droppedRows, stale }
}

async function copyArchive({ job, listing, output, decision, written }: Copy, signal: AbortSignal): Promise<Part> {
  const { root, shard } = job
  const sidecars = keptFiles(listing.sidecars, decision.keptSidecars)
  await copyFiles({ root, files: decision.isIncomplete ? [] : sidecars }, output, written, signal)
  const made = await AtomicFile.create(output, "archive")
  written.push({ path: archiveFile(listing).path, made })
  const outcome: ZipOutcome = { droppedRows: 0, staleTables: [] }
  await writeArchive({ job, listing, output, decision, written }, { made, outcome }, signal)
  const staleSidecars = decision.isIncomplete ? sidecars.map(({ file }) => pathOf(file)) : []
  const staleTables = [...decision.staleTables, ...outcome.staleTables].map((name) => `${shard.path}!/${name}`)
  const kept = decision.kept.filter((item) => item !== undefined).length
  const isPurge = job.mode === "purge"
  const leftOut = isPurge ? 0 : staleSidecars.length + outcome.staleTables.length
  return {
    itemsWritten: kept + sidecars.length - leftOut,
    leftOut,
    droppedRows: outcome.droppedRows,
    outputSha256: await made.finish(),
    stale: [...staleSidecars, ...staleTables, ...(isPurge && decision.isIncomplete ? staleTablesOf(listing, []) : [])],
  }
}

async function writeArchive(
  { job, listing, decision }: Copy,
  { made, outcome }: { readonly made: AtomicFile; readonly outcome: ZipOutcome },
  signal: AbortSignal,
): Promise<void> {
  const { root, shard, limits } = job
  const path = archivePath(root, listing)
  const sink = async (pieces: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const piece of pieces) {
      signal.throwIfAborted()
      await made.write(piece)
    }
  }
  using source = openUnchanged(path, listing)
  if (shard.kind === "tar.gz") {
    const { kept, isIncomplete } = decision
    if (!isIncomplete && (await copyWholeGzip(source, { kept, limits }, made, signal))) return
    await using inflated = gunzipFile(path, limits, signal)
    await pipeline(cleanTar(streamTarInput(inflated), kept, limits), createGzip({ level: 6 }), sink)
    return
  }
  if (shard.kind === "tar") {
    await sink(cleanTar(randomTarInput(source), decision.kept, limits))
    return
  }
  const writeZip = job.mode === "purge" ? purgedZip : cleanZip
  await sink(writeZip(source, await readZipDirectory(source, limits), decision, outcome))
}

/** Gives everything its name, each folder made durable once. */
async function publish(output: OutputFolder, written: readonly WrittenFile[]): Promise<void> {
  for (const { path, made } of written) await made.publish(await writing(() => output.place(path)))
  for (const folder of output.changed.values()) await syncFolder(folder)
}

/** A shard that is done again may be decided otherwise: nothing of the earlier copy may stay. */
function removeEarlier(output: OutputFolder, listing: ShardListing): void {
  for (const { path } of [...listing.files, ...listing.sidecars]) output.remove(path)
}

function keptFiles(files: readonly ListedFile[], kept: readonly (KeptItem | undefined)[]): readonly FileToCopy[] {
  return files.flatMap((file, position) => {
    const item = kept[position]
    return item === undefined ? [] : [{ file, ...item }]
  })
}

function archiveFile(listing: ShardListing): ListedFile {
  const [file] = listing.files
  if (file === undefined) throw new TypeError("expected a shard with a file")
  return file
}
