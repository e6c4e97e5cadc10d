/**
 * Screens one shard: every item of every sample, in bounded memory, sealing findings as they are made.
 * @module
 */

import { compact, type Fingerprint, type InconclusiveCause, ShardError } from "@nightlight/core"
import { screen } from "@nightlight/screening"
import { assertUnchanged, listingOf, openShard } from "../plan/open-shard.ts"
import type { ShardPlan } from "../plan/types.ts"
import type { ShardProgress } from "../progress.ts"
import { STREAM_HELD_BYTES, WatchedStream } from "../readers/stream-source.ts"
import type { Item, Sample, ShardReader } from "../readers/types.ts"
import type { ScanContext } from "./context.ts"
import { buildFinding } from "./finding.ts"
import type { ItemTask } from "./item-task.ts"
import { digestsOf, isDescribed, urlsOf } from "./provenance.ts"
import { readProvenance } from "./read-provenance.ts"
import { type ColumnTable, openColumnTable } from "./screen-columns.ts"
import { type ShardOutcome, ShardTally } from "./shard-tally.ts"

/**
 * Screens a shard.
 *
 * Shards in progress have ranks: those of a lower one go first.
 *
 * @throws {DependencyError} if the source, the decoder or the disk failed: the shard may be screened again.
 */
export async function screenShard(
  context: ScanContext,
  shard: ShardPlan,
  { progress, rank }: { readonly progress: ShardProgress; readonly rank: number },
  signal: AbortSignal,
): Promise<ShardOutcome> {
  const tally = new ShardTally(context.record.keepOrientations)
  await using reader = await openShardOrPoison(context, shard, tally, signal)
  if (reader === undefined) return tally.outcome()
  const unopened = portsForUnopened(context)
  const inProgress: Set<Promise<void>> = new Set()
  let failure: unknown
  try {
    using table = await openColumnTable(context, shard, signal)
    tally.groups = table?.groups
    for await (const sample of table === undefined
      ? reader.samples()
      : samplesOf(table, shard.sizeBytes, { tally, progress, context })) {
      if (failure !== undefined) break
      tally.samples++
      const stated = await readProvenance(reader, sample)
      const isOneRecord = sample.origins === undefined || stated.length === 1
      const provenance = (isOneRecord ? stated[0] : undefined) ?? {}
      const declared = { digests: stated.flatMap(digestsOf), urls: [...new Set(stated.flatMap(urlsOf))] }
      for (const item of sample.items) {
        const heldBytes = heldBy(item)
        const held = await context.heldBytes.acquire(heldBytes, rank)
        await context.inFlight.acquire(1, rank)
        const screenAndRelease = async () => {
          try {
            const task = { context, shard, reader, sample, item, provenance, stated, declared }
            await screenItem(task, { tally, unopened }, signal)
          } catch (error) {
            failure ??= error
          }
          inProgress.delete(work)
          if (item.depth === 0) progress.advance(item.sizeBytes)
          context.inFlight.release()
          context.heldBytes.release(held)
        }
        const work = screenAndRelease()
        inProgress.add(work)
      }
    }
  } catch (error) {
    if (error instanceof ShardError) tally.poison = error.code
    else failure ??= error
  }
  await Promise.all(inProgress)
  signal.throwIfAborted()
  if (failure !== undefined) throw failure
  // A source that changed meanwhile was not screened: the shard waits for another run.
  if (tally.poison === undefined) assertUnchanged(listingOf(shard))
  return tally.outcome()
}

/** The samples of a table that is screened by columns, while its other rows are counted. */
async function* samplesOf(
  table: ColumnTable,
  sizeBytes: number,
  to: { readonly tally: ShardTally; readonly progress: ShardProgress; readonly context: ScanContext },
): AsyncGenerator<Sample, void> {
  for await (const step of table.steps) {
    if (step.kind === "sample") yield step.sample
    else {
      const bytes = Math.round((sizeBytes * step.rows) / table.rows)
      to.tally.pass(step.rows, bytes, table.decision)
      to.progress.advance(bytes)
      to.context.progress.items += step.rows
    }
  }
}

function heldBy({ source }: Item): number {
  if (source.kind === "stream") return STREAM_HELD_BYTES
  return source.kind === "bytes" ? source.bytes.length : 0
}

async function screenItem(
  task: ItemTask,
  { tally, unopened }: { readonly tally: ShardTally; readonly unopened: ScanContext["ports"] },
  signal: AbortSignal,
): Promise<void> {
  const { context, reader, sample, item, stated, declared } = task
  const isOwn = isDescribed(item, sample)
  const isCut = isOwn && stated.some((provenance) => provenance.isCut === true)
  const refused = item.refused ?? (isCut ? "archive_limit" : undefined)
  const delivered = item.opened === true ? context.ports : unopened
  const ports = refused === undefined ? delivered : portsForRefused(context, item, refused)
  using watched = item.source.kind === "stream" ? new WatchedStream(item.source) : undefined
  const screening = await screen(
    compact({
      source: watched?.source ?? item.source,
      declaredDigests: isOwn ? declared.digests : undefined,
      urls: isOwn ? declared.urls : undefined,
      path: pathOfItem(task),
      readBytes: () => reader.readItem(item),
    }),
    ports,
    context.policy,
    signal,
  )
  context.assertDecoder()
  // What could not be read was not screened: the shard waits for another run.
  watched?.assertRead()
  const { decision } = screening.verdict
  const isFinding = decision !== "clear" && decision !== "unscreened"
  const finding = isFinding ? await buildFinding(task, screening, signal) : undefined
  tally.add(item, screening, finding)
  context.progress.items++
  if (screening.matches.length > 0) context.progress.matched++
  else if (finding !== undefined) context.progress.inconclusive++
}

/** The path that exceptions of the policy name: of the shard, or of a separate file; none within an archive among these. */
function pathOfItem({ shard, item }: ItemTask): string | undefined {
  if (shard.layout === "packed") return shard.path
  return item.depth === 0 ? item.place : undefined
}

/** Ports for items that their reader delivered and did not open: an archive among them is inconclusive. */
function portsForUnopened({ ports }: ScanContext): ScanContext["ports"] {
  return {
    ...ports,
    fingerprint: async (source, signal) => {
      const seen = await ports.fingerprint(source, signal)
      return seen.kind === "archive" ? { ...seen, inconclusive: seen.inconclusive ?? "archive_malformed" } : seen
    },
  }
}

/** Ports for an item that its reader refused: it stays inconclusive, but its bytes are matched all the same. */
function portsForRefused({ ports, begun }: ScanContext, item: Item, refused: InconclusiveCause): ScanContext["ports"] {
  return {
    ...ports,
    fingerprint: async (source, signal) => {
      await begun
      const seen = item.unread === true ? emptyFingerprint(item) : await ports.fingerprint(source, signal)
      return { ...seen, inconclusive: refused }
    },
  }
}

/** The source of an item without bytes belongs to something else, so its fingerprint is empty. */
function emptyFingerprint({ sizeBytes }: Item): Fingerprint {
  return { sizeBytes, md5: "", sha1: "", sha256: "", mediaType: "application/octet-stream", kind: "unknown" }
}

async function openShardOrPoison(
  context: ScanContext,
  shard: ShardPlan,
  tally: ShardTally,
  signal: AbortSignal,
): Promise<ShardReader | undefined> {
  try {
    return await openShard(shard, context.readerLimits, signal)
  } catch (error) {
    if (!(error instanceof ShardError)) throw error
    tally.poison = error.code
    return undefined
  }
}
