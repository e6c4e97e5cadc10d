import type { ItemTask } from "./item-task.ts"

/**
 * Screens one shard: every item of every sample, in bounded memory, sealing findings as they are made.
 * @module
 */

import type { Finding } from "@nightlight/contract"
import { compact, type Decision, type Fingerprint, type InconclusiveCause, ShardError } from "@nightlight/core"
import { mediaExceptionOf, type Screening, screen } from "@nightlight/screening"
import { assertUnchanged, listingOf, openShard } from "../plan/open-shard.ts"
import type { ShardPlan } from "../plan/types.ts"
import type { ShardProgress } from "../progress.ts"
import type { Item, Sample, ShardReader } from "../readers/types.ts"
import { type SidecarRow, sidecarRows } from "../sidecar/rows.ts"
import type { ScanContext } from "./context.ts"
import { buildFinding } from "./finding.ts"
import { isDescribed, MAX_METADATA_BYTES, parseProvenance, type SampleProvenance } from "./provenance.ts"

/** The result of screening a shard, before anything except sealed evidence is written. */
export interface ShardOutcome {
  readonly samples: number
  readonly items: number
  readonly bytes: number
  readonly decisions: Readonly<Record<Decision, number>>
  readonly causes: Readonly<Record<string, number>>
  /** Items cleared without being decoded, by media type. */
  readonly exceptions: Readonly<Record<string, number>>
  /** Ordinals of samples left out of the clean copy. */
  readonly withheld: ReadonlySet<number>
  /** SHA-256 of each item by ordinal, as fingerprinted. */
  readonly sha256: readonly string[]
  /** In the order of ordinals. */
  readonly findings: readonly Finding[]
  /** Rows of clear items, in the order of ordinals. */
  readonly rows: readonly SidecarRow[]
  readonly weakMatches: number
  /** Why reading ended early; the shard is set aside. */
  readonly poison?: string
}

/**
 * Screens a shard.
 *
 * @throws {DependencyError} if the source, the decoder or the disk failed: the shard may be screened again.
 */
export async function screenShard(
  context: ScanContext,
  shard: ShardPlan,
  progress: ShardProgress,
  signal: AbortSignal,
): Promise<ShardOutcome> {
  const tally = new Tally(context.record.keepOrientations)
  await using reader = await openShardOrPoison(context, shard, tally, signal)
  if (reader === undefined) return tally.outcome()
  const under: Set<Promise<void>> = new Set()
  // Shards that begin together must not end together: while one is written, another keeps the decoders busy.
  const rank = Number.parseInt(shard.id, 10)
  let failure: unknown
  try {
    for await (const sample of reader.samples()) {
      if (failure !== undefined) break
      tally.samples++
      const provenance = await readProvenance(reader, sample)
      for (const item of sample.items) {
        const heldBytes = item.source.kind === "bytes" ? item.source.bytes.length : 0
        const held = await context.heldBytes.acquire(heldBytes, rank)
        await context.inFlight.acquire(1, rank)
        const work = screenItem({ context, shard, reader, sample, item, provenance }, tally, signal)
          .catch((error: unknown) => {
            failure ??= error
          })
          .finally(() => {
            under.delete(work)
            if (item.depth === 0) progress.advance(item.sizeBytes)
            context.inFlight.release()
            context.heldBytes.release(held)
          })
        under.add(work)
      }
    }
  } catch (error) {
    if (error instanceof ShardError) tally.poison = error.code
    else failure ??= error
  }
  await Promise.all(under)
  signal.throwIfAborted()
  if (failure !== undefined) throw failure
  // A source that changed meanwhile was not screened: the shard waits for another run.
  if (tally.poison === undefined) assertUnchanged(context.root, shard, listingOf(shard))
  return tally.outcome()
}

async function screenItem(task: ItemTask, tally: Tally, signal: AbortSignal): Promise<void> {
  const { context, reader, sample, item, provenance } = task
  const ports = item.refused === undefined ? opening(context, item) : refusing(context, item, item.refused)
  const screening = await screen(
    compact({
      source: item.source,
      declaredDigests:
        provenance.declared !== undefined && isDescribed(item, sample) ? [provenance.declared] : undefined,
      readBytes: () => reader.readItem(item),
    }),
    ports,
    context.policy,
    signal,
  )
  context.assertDecoder()
  const { decision } = screening.verdict
  const isFinding = decision !== "clear" && decision !== "unscreened"
  const finding = isFinding ? await buildFinding(task, screening, signal) : undefined
  tally.add(item, screening, finding)
  context.progress.items++
  if (screening.matches.length > 0) context.progress.matched++
  else if (finding !== undefined) context.progress.inconclusive++
}

/** Nothing inside an unopened archive was screened. */
function opening({ ports }: ScanContext, item: Item): ScanContext["ports"] {
  if (item.opened === true) return ports
  return {
    ...ports,
    fingerprint: async (source, signal) => {
      const seen = await ports.fingerprint(source, signal)
      return seen.kind === "archive" ? { ...seen, inconclusive: seen.inconclusive ?? "archive_malformed" } : seen
    },
  }
}

/** What a reader refused stays inconclusive whatever its bytes are; they are matched all the same. */
function refusing({ ports, begun }: ScanContext, item: Item, refused: InconclusiveCause): ScanContext["ports"] {
  return {
    ...ports,
    fingerprint: async (source, signal) => {
      await begun
      const seen = item.unread === true ? unseen(item) : await ports.fingerprint(source, signal)
      return { ...seen, inconclusive: refused }
    },
  }
}

/** The source of an item without bytes belongs to something else, so its fingerprint is empty. */
function unseen({ sizeBytes }: Item): Fingerprint {
  return { sizeBytes, md5: "", sha1: "", sha256: "", mediaType: "application/octet-stream", kind: "unknown" }
}

/** Reads the origin that a sample's JSON states; the first usable one counts. */
async function readProvenance(reader: ShardReader, sample: Sample): Promise<SampleProvenance> {
  for (const item of sample.items) {
    if (item.depth > 0 || item.refused !== undefined || item.sizeBytes > MAX_METADATA_BYTES) continue
    if (!item.place.endsWith(".json")) continue
    const provenance = parseProvenance(await reader.readItem(item))
    if (Object.keys(provenance).length > 0) return provenance
  }
  return {}
}

async function openShardOrPoison(
  context: ScanContext,
  shard: ShardPlan,
  tally: Tally,
  signal: AbortSignal,
): Promise<ShardReader | undefined> {
  try {
    return await openShard(context.root, shard, context.readerLimits, signal)
  } catch (error) {
    if (!(error instanceof ShardError)) throw error
    tally.poison = error.code
    return undefined
  }
}

function countUp(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}

/** Collects outcomes in any order, and returns them in the order of ordinals. */
class Tally {
  samples = 0
  poison: string | undefined
  readonly #keepOrientations: boolean
  readonly #byOrdinal: { finding: Finding | undefined; rows: readonly SidecarRow[]; sha256: string }[] = []
  readonly #withheld = new Set<number>()
  readonly #decisions: Record<Decision, number> = {
    clear: 0,
    unscreened: 0,
    inconclusive: 0,
    review: 0,
    block: 0,
    quarantine: 0,
  }
  readonly #causes: Record<string, number> = {}
  readonly #exceptions: Record<string, number> = {}
  #items = 0
  #bytes = 0
  #weakMatches = 0

  constructor(keepOrientations: boolean) {
    this.#keepOrientations = keepOrientations
  }

  add(item: Item, screening: Screening, finding: Finding | undefined): void {
    const { fingerprint, verdict, weakMatches } = screening
    this.#items++
    if (item.depth === 0) this.#bytes += item.sizeBytes
    this.#decisions[verdict.decision]++
    this.#weakMatches += weakMatches.length
    if (verdict.decision !== "clear") this.#withheld.add(item.sample)
    if (verdict.decision === "inconclusive") countUp(this.#causes, screening.inconclusive ?? "other")
    const exception = mediaExceptionOf(verdict)
    if (exception !== undefined) countUp(this.#exceptions, exception)
    const hasRows = fingerprint !== undefined && finding === undefined
    this.#byOrdinal[item.ordinal] = {
      finding,
      rows: hasRows ? sidecarRows(item.ordinal, fingerprint, this.#keepOrientations) : [],
      sha256: fingerprint?.sha256 ?? "",
    }
  }

  outcome(): ShardOutcome {
    // Ordinals have gaps only in a poisoned shard, where nothing is copied.
    const entries = this.#byOrdinal.filter((entry) => entry !== undefined)
    return compact({
      samples: this.samples,
      items: this.#items,
      bytes: this.#bytes,
      decisions: this.#decisions,
      causes: this.#causes,
      exceptions: this.#exceptions,
      withheld: this.#withheld,
      sha256: this.#byOrdinal.map((entry) => entry?.sha256 ?? ""),
      findings: entries.flatMap(({ finding }) => (finding === undefined ? [] : [finding])),
      rows: entries.flatMap(({ rows }) => rows),
      weakMatches: this.#weakMatches,
      poison: this.poison,
    })
  }
}
