/**
 * Removes known items from one shard of a source or a copy.
 * @module
 */
import { compact, DependencyError, RequestError } from "@nightlight/core"
import type { PackedContainer } from "../containers/container.ts"
import type { ColumnSurvey } from "../containers/decision.ts"
import { inReadingOrder } from "../containers/files/samples.ts"
import { containerOf } from "../containers/index.ts"
import { staleTablesOf } from "../containers/tables/check-tables.ts"
import { writePurgedShard } from "../copy/write-shard.ts"
import { assertUnchanged, listingOf, openShard } from "../plan/open-shard.ts"
import type { ShardPlan } from "../plan/types.ts"
import { digestItem, NO_BYTES_SHA256 } from "../readers/digest-item.ts"
import { DEFAULT_READER_LIMITS } from "../readers/limits.ts"
import type { ListedFile } from "../readers/listing.ts"
import type { Item, Sample } from "../readers/types.ts"
import { isDescribed, type SampleProvenance, toProvenance } from "../scan/provenance.ts"
import { readProvenance } from "../scan/read-provenance.ts"
import type { DatasetEditor } from "../stores/store.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { findKnownRows } from "./address-rows.ts"
import type { CurrentLists } from "./current-lists.ts"
import type { FoundPlaces } from "./known-items.ts"

/** The items removed from a shard. */
export interface PurgedShard {
  readonly path: string
  /** Keyed digests of the known items, in the shard's order. */
  readonly itemDigests: readonly string[]
  readonly samplesRemoved: number
  readonly itemsRemoved: number
  /** Files beside the shard that describe it and are wrong now; they are left in place. */
  readonly stale: readonly string[]
  /** SHA-256 of a packed shard's file as it is now. */
  readonly sha256?: string
}

/** One shard, and the items to be removed from it. */
export interface PurgeJob {
  readonly workspace: Workspace
  readonly shard: ShardPlan
  /** Keyed digests of known items. */
  readonly targets: ReadonlySet<string>
  /** Whether items without any bytes are known only where their sample states a listed address or digest. */
  readonly areEmptyStated: boolean
  /** Rows from which a table of addresses and digests is searched by columns. */
  readonly columnRows: number
  /** Where the scan found something in this shard; undefined in a copy, and where that is not known. */
  readonly found: FoundPlaces | undefined
  readonly lists: CurrentLists
  readonly isDryRun: boolean
  /** Whether known items were in this packed shard before: earlier versions of it may still hold them. */
  readonly hadKnown: boolean
  /** Called with every examined item of the shard. */
  readonly onItem: (item: Item) => void
  /** Called before the shard is changed. */
  readonly onChange: () => Promise<void>
  /** Called once it is changed, with the rows and bytes of what is a table now. */
  readonly onChanged: (table: readonly [rows: number, bytes: number] | undefined) => void
}

/** The result for a shard: what was removed, and why some known items were not. */
export interface ShardPurge {
  /** Undefined where nothing was removed. */
  readonly purged: PurgedShard | undefined
  /** Code of the error that kept something in place; undefined where everything was removed. */
  readonly failure: string | undefined
}

/**
 * Removes the samples of known items from a shard, after digesting every item of it again.
 *
 * @returns nothing purged where the shard contains no known item (any more).
 * @throws {DependencyError} `source_changed`, `source_unreadable`, `disk_full`, `write_failed`: the shard is unchanged.
 * @throws {ShardError} if the shard cannot be read to its end: it is unchanged.
 */
export async function purgeShard(job: PurgeJob, signal: AbortSignal): Promise<ShardPurge> {
  const { shard, isDryRun, hadKnown } = job
  const { path } = shard
  const known = await findKnown(job, signal)
  const samples = [...known.samples.values()]
  if (samples.length === 0) {
    if (hadKnown && !isDryRun) await removeEarlierVersions(shard)
    return { purged: undefined, failure: undefined }
  }
  if (isDryRun) {
    const itemDigests = digestsOf(samples)
    const purged = { path, itemDigests, samplesRemoved: samples.length, itemsRemoved: 0, stale: [] }
    return { purged, failure: undefined }
  }
  await job.onChange()
  const container = containerOf(shard.kind)
  if (container.layout === "packed") return rewriteFile({ ...job, container }, known, signal)
  const listing = listingOf(shard)
  assertUnchanged(listing)
  const { gone, removed, failure } = await removeFiles(editorOf(shard), samples)
  if (removed.length === 0) return { purged: undefined, failure }
  job.onChanged(undefined)
  const purged = {
    path,
    itemDigests: digestsOf(gone),
    samplesRemoved: gone.length,
    itemsRemoved: removed.length,
    stale: staleTablesOf(listing, removed),
  }
  return { purged, failure }
}

/** The known items of a shard, and its other content. */
interface KnownContent {
  /** SHA-256 of every item that can be read, by ordinal. */
  readonly digests: readonly (string | undefined)[]
  /** By ordinal, in the shard's order. */
  readonly samples: ReadonlyMap<number, KnownSample>
  /** Of a large table of addresses and digests: what stays of it. Such a table has no digests by ordinal. */
  readonly survey?: ColumnSurvey
}

/** A sample with a known item. */
interface KnownSample {
  /** Keyed digests of its known items. */
  readonly itemDigests: readonly string[]
  /**
   * Separate files that belong to it; for a packed shard, those beside it. Those with known items come last: if they
   * are removed in this order and the process is killed, the next purge finds the sample again by them.
   */
  readonly files: readonly ListedFile[]
}

async function findKnown(job: PurgeJob, signal: AbortSignal): Promise<KnownContent> {
  const { shard, columnRows, found, targets, lists } = job
  assertUnchanged(listingOf(shard))
  const knownIn = async (sample: Sample) => {
    const stated = () => Promise.resolve((sample.origins ?? []).map(toProvenance))
    const digested = await digestItems(job, { ...sample, isFound: false, stated }, signal)
    return digested.flatMap(({ itemDigest }) => itemDigest ?? [])
  }
  const rows = await findKnownRows({ shard, columnRows, found, targets, lists, knownIn }, signal)
  if (rows === undefined) return findKnownSamples(job, signal)
  const samples = [...rows.samples].map(([ordinal, itemDigests]) => [ordinal, { itemDigests, files: [] }] as const)
  return { digests: [], samples: new Map(samples), survey: rows.survey }
}

interface DigestedItem {
  readonly item: Item
  /** Undefined for one that cannot be read. */
  readonly sha256: string | undefined
  /** Keyed digest of a known item. */
  readonly itemDigest: string | undefined
}

interface SampleToDigest extends Sample {
  /** Whether the shard is as it was scanned, and the scan found a known item in this sample. */
  readonly isFound: boolean
  readonly stated: () => Promise<readonly SampleProvenance[]>
}

async function digestItems(
  job: PurgeJob,
  sample: SampleToDigest,
  signal: AbortSignal,
): Promise<readonly DigestedItem[]> {
  const { workspace, targets, onItem } = job
  const digested: DigestedItem[] = []
  for (const item of sample.items) {
    onItem(item)
    const sha256 = item.unread ? undefined : await digestItem(item, signal)
    const keyed = sha256 === undefined ? undefined : workspace.keyed.of("item", sha256)
    const isTarget = keyed !== undefined && targets.has(keyed)
    const isKnown = isTarget && (sha256 !== NO_BYTES_SHA256 || (await isKnownEmpty(job, sample, item)))
    digested.push({ item, sha256, itemDigest: isKnown ? keyed : undefined })
  }
  return digested
}

/**
 * Whether an item without any bytes is known. A failed download is such a file, and a caption that nobody wrote: what
 * one sample states of its own does not make the others known.
 */
async function isKnownEmpty({ areEmptyStated, lists }: PurgeJob, sample: SampleToDigest, item: Item): Promise<boolean> {
  if (!areEmptyStated) return true
  return isDescribed(item, sample) && (sample.isFound || (await lists.state(await sample.stated())))
}

async function findKnownSamples(job: PurgeJob, signal: AbortSignal): Promise<KnownContent> {
  const { shard, found } = job
  const listing = listingOf(shard)
  const foundIn = found?.listingDigest === shard.listingDigest ? found.knownSamples : new Set<number>()
  const digests: (string | undefined)[] = []
  const samples = new Map<number, KnownSample>()
  // Files in the reader's order; for a packed shard, only those beside it.
  const unread = shard.layout === "loose" ? [...inReadingOrder(listing.files)] : [...listing.sidecars]
  await using reader = await openShard(shard, DEFAULT_READER_LIMITS, signal)
  for await (const sample of reader.samples()) {
    const files: ListedFile[] = []
    const known = new Set<ListedFile | undefined>()
    const itemDigests: string[] = []
    const stated = () => readProvenance(reader, sample)
    const toDigest = { ...sample, isFound: foundIn.has(sample.ordinal), stated }
    for (const { item, sha256, itemDigest } of await digestItems(job, toDigest, signal)) {
      const isFile = item.depth === 0 && (shard.layout === "loose" || item.role === "sidecar")
      if (isFile) files.push(...unread.splice(0, 1))
      if (sha256 !== undefined) digests[item.ordinal] = sha256
      if (itemDigest === undefined) continue
      itemDigests.push(itemDigest)
      known.add(files.at(-1))
    }
    if (itemDigests.length === 0) continue
    const inOrder = [...files.filter((file) => !known.has(file)), ...files.filter((file) => known.has(file))]
    samples.set(sample.ordinal, { itemDigests, files: inOrder })
  }
  return { digests, samples }
}

const digestsOf = (samples: readonly KnownSample[]): readonly string[] =>
  samples.flatMap(({ itemDigests }) => itemDigests)

interface RemovedFiles {
  /** Samples without any remaining file. */
  readonly gone: readonly KnownSample[]
  readonly removed: readonly ListedFile[]
  /** Code of the first error that kept a file in place. */
  readonly failure: string | undefined
}

/** Removes the files of samples; one that cannot be removed does not keep others from being removed. */
async function removeFiles(editor: DatasetEditor, samples: readonly KnownSample[]): Promise<RemovedFiles> {
  const gone: KnownSample[] = []
  const removed: ListedFile[] = []
  let failure: string | undefined
  for (const sample of samples) {
    let left = sample.files.length
    for (const file of sample.files) {
      try {
        await editor.remove(file)
      } catch (error) {
        if (!(error instanceof DependencyError)) throw error
        failure ??= error.code
        continue
      }
      removed.push(file)
      left--
    }
    if (left === 0) gone.push(sample)
  }
  return { gone, removed, failure }
}

/** The editor of a shard's dataset, which the purge has checked to have one. */
function editorOf(shard: ShardPlan): DatasetEditor {
  const { editor } = listingOf(shard).store
  if (editor === undefined) throw new RequestError("state_conflict", "expected a dataset that can be changed")
  return editor
}

/** Removes what a store keeps of a packed shard as it was. */
async function removeEarlierVersions(shard: ShardPlan): Promise<void> {
  const editor = editorOf(shard)
  for (const file of listingOf(shard).files) await editor.removeEarlierVersions(file)
}

/** Rewrites a packed shard without the samples of known items, and replaces it. */
async function rewriteFile(
  { workspace, shard, container, onChanged }: PurgeJob & { readonly container: PackedContainer },
  { digests, samples, survey }: KnownContent,
  signal: AbortSignal,
): Promise<ShardPurge> {
  const editor = editorOf(shard)
  const written = await writePurgedShard(
    compact({
      shard,
      container,
      output: editor.replacement(workspace.signer.keyId),
      limits: DEFAULT_READER_LIMITS,
      survey,
    }),
    (sample, item) => {
      const sha256 = digests[item.ordinal]
      if (samples.has(sample.ordinal)) return { keep: false }
      return sha256 === undefined ? { keep: true } : { keep: true, sha256 }
    },
    signal,
  )
  onChanged(written.rows === undefined ? undefined : [written.rows.written, written.bytes])
  await removeEarlierVersions(shard)
  // A file beside it stays, unless it is known itself.
  const known = [...samples.values()]
  const { gone, removed, failure } = await removeFiles(editor, known)
  const purged = compact({
    path: shard.path,
    itemDigests: digestsOf(gone),
    samplesRemoved: written.samplesDropped - (known.length - gone.length),
    itemsRemoved: written.itemsDropped - (known.flatMap(({ files }) => files).length - removed.length),
    stale: written.stale,
    sha256: written.outputSha256,
  })
  return { purged, failure }
}
