/**
 * Produces the bytes of a clean zip.
 * @module
 */
import { promisify } from "node:util"
import { crc32, deflateRaw } from "node:zlib"
import { RequestError } from "@nightlight/core"
import { Verifier } from "../../output/verifier.ts"
import type { RandomSource } from "../../readers/source.ts"
import { isMetadataTable } from "../../readers/stem-groups.ts"
import type { KeptItem, ShardDecision } from "../decision.ts"
import { yieldEvery512 } from "../item-builder.ts"
import type { PackedOutcome } from "../packed.ts"
import { filterTable } from "../tables/filter-table.ts"
import type { ZipDirectory, ZipEntry } from "./directory.ts"
import { inflateZipEntry, readZipEntry } from "./entry.ts"
import { MAX_EXTRA_BYTES } from "./extra-fields.ts"
import { changedHeader, copiedRecord, endRecords, type NewData } from "./records.ts"
import { groupZipEntries } from "./samples.ts"

const deflate = promisify(deflateRaw)
const CHUNK_BYTES = 2 ** 20

/** A zip that is written again without what a decision drops. */
export interface ZipRewrite {
  readonly source: RandomSource
  readonly directory: ZipDirectory
  readonly decision: ShardDecision
  /** Dropped rows and tables that became wrong are added here. */
  readonly outcome: PackedOutcome
}

/**
 * Yields a clean zip's bytes piece by piece. Kept entries keep headers, data, descriptors, directory records and order
 * byte for byte, except offsets, tables that lose rows, and extra fields and comments that are long enough to hold a
 * picture. Where nothing is dropped and all of the source is accounted for, it is copied byte for byte.
 *
 * @throws {DependencyError} `source_changed` if an entry's bytes do not have its digest.
 */
export async function* cleanZip({
  source,
  directory,
  decision,
  outcome,
}: ZipRewrite): AsyncGenerator<Uint8Array, void> {
  const { kept, entries } = stayingEntries(directory, decision)
  const inFileOrder = [...entries].sort((a, b) => a.start - b.start)
  if (directory.isTight && entries.length === directory.entries.length) {
    yield* copyWhole(source, inFileOrder, kept)
    return
  }
  const names = new Set([...kept.keys()].map((entry) => entry.name))
  const records = new Map<ZipEntry, { readonly offset: number; readonly table: NewData | undefined }>()
  let offset = 0
  for (const entry of inFileOrder) {
    await yieldEvery512(records.size)
    const item = kept.get(entry)
    const table =
      item !== undefined && decision.isIncomplete ? await rewriteTable(source, entry, { item, names }) : undefined
    if (table === "stale") {
      outcome.staleTables.push(baseName(entry.name))
      continue
    }
    outcome.droppedRows += table?.droppedRows ?? 0
    records.set(entry, { offset, table })
    const header = await source.read(entry.start, entry.dataStart - entry.start)
    if (table === undefined) {
      offset += entry.end - entry.start
      yield header
      yield* entryData(source, entry, item)
      yield* descriptorOf(source, entry)
    } else {
      const changed = changedHeader(header, table)
      offset += changed.length + table.raw.length
      yield changed
      yield table.raw
    }
  }
  const start = offset
  for (const entry of directory.entries) {
    const record = records.get(entry)
    if (record === undefined) continue
    const bytes = copiedRecord(entry, record.offset, record.table)
    offset += bytes.length
    yield bytes
  }
  const comment = directory.comment.length <= MAX_EXTRA_BYTES ? directory.comment : new Uint8Array()
  yield endRecords({ count: records.size, start, sizeBytes: offset - start, comment })
}

/** Entries that a clean zip keeps, in the directory's order: kept items, and folders. */
export function stayingEntries(
  directory: ZipDirectory,
  decision: ShardDecision,
): { readonly kept: ReadonlyMap<ZipEntry, KeptItem>; readonly entries: readonly ZipEntry[] } {
  const kept = keptEntries(directory, decision)
  const entries = directory.entries.filter(
    (entry) => kept.has(entry) || (entry.isFolder && entry.refused === undefined),
  )
  return { kept, entries }
}

/** Kept entries, in the order in which the reader numbered them. */
function keptEntries(directory: ZipDirectory, decision: ShardDecision): ReadonlyMap<ZipEntry, KeptItem> {
  const inOrder = groupZipEntries(directory.entries).flatMap((group) => group.files)
  if (inOrder.length !== decision.kept.length)
    throw new RequestError("state_conflict", "expected the zip that was read")
  return new Map(
    inOrder.flatMap((entry, position): [ZipEntry, KeptItem][] => {
      const item = decision.kept[position]
      return item === undefined ? [] : [[entry, item]]
    }),
  )
}

/** Copies header, data and everything up to the next entry, then the directory. */
async function* copyWhole(
  source: RandomSource,
  inFileOrder: readonly ZipEntry[],
  kept: ReadonlyMap<ZipEntry, KeptItem>,
): AsyncGenerator<Uint8Array, void> {
  let position = 0
  for (const [index, entry] of inFileOrder.entries()) {
    await yieldEvery512(index)
    yield await source.read(position, entry.dataStart - position)
    yield* entryData(source, entry, kept.get(entry))
    position = entry.dataStart + entry.compressedSize
  }
  for (; position < source.sizeBytes; position += CHUNK_BYTES) yield await source.read(position, CHUNK_BYTES)
}

/** Yields an entry's raw data, and verifies the inflated data where possible. */
export async function* entryData(
  source: RandomSource,
  entry: ZipEntry,
  item: KeptItem | undefined,
): AsyncGenerator<Uint8Array, void> {
  const verifier = item?.sha256 === undefined ? undefined : new Verifier(item.sha256)
  const end = entry.dataStart + entry.compressedSize
  if (entry.method === 0 || verifier === undefined) {
    for (let offset = entry.dataStart; offset < end; offset += CHUNK_BYTES) {
      const bytes = await source.read(offset, Math.min(CHUNK_BYTES, end - offset))
      verifier?.update(bytes)
      yield bytes
    }
  } else {
    const raw = await source.read(entry.dataStart, entry.compressedSize)
    verifier.update(await inflateZipEntry(entry, raw))
    yield raw
  }
  verifier?.finish()
}

/** What follows an entry's data where its header does not state their sizes. */
export async function* descriptorOf(source: RandomSource, entry: ZipEntry): AsyncGenerator<Uint8Array, void> {
  const start = entry.dataStart + entry.compressedSize
  if (start < entry.end) yield await source.read(start, entry.end - start)
}

interface RewrittenTable extends NewData {
  readonly raw: Uint8Array
  readonly droppedRows: number
}

/** Filters a table's rows; `undefined` if the entry is not a table or keeps all rows. */
async function rewriteTable(
  source: RandomSource,
  entry: ZipEntry,
  { item, names }: { readonly item: KeptItem; readonly names: ReadonlySet<string> },
): Promise<RewrittenTable | "stale" | undefined> {
  if (!isMetadataTable(entry.name)) return undefined
  const bytes = await readZipEntry(source, entry)
  const verifier = new Verifier(item.sha256)
  verifier.update(bytes)
  verifier.finish()
  const folder = entry.name.slice(0, entry.name.lastIndexOf("/") + 1)
  const filtered = filterTable(entry.name, bytes, (relative) => names.has(folder + relative))
  if (filtered === undefined) return "stale"
  if (filtered.droppedRows === 0) return undefined
  const raw = await deflate(filtered.bytes, { level: 6 })
  const sizes = { compressedSize: raw.length, sizeBytes: filtered.bytes.length }
  return { ...sizes, raw, crc32: crc32(filtered.bytes), droppedRows: filtered.droppedRows }
}

/** The last part of an entry's name. */
export function baseName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1)
}
