/**
 * Finds known items in a large table of addresses and digests, whose rows are too many to be held as samples.
 * @module
 */
import { compact } from "@nightlight/core"
import type { ColumnSurvey, SurveyedColumns } from "../containers/decision.ts"
import { ItemBuilder, yieldEvery512 } from "../containers/item-builder.ts"
import { openShardFile } from "../containers/packed.ts"
import { type ColumnChoices, readByColumns } from "../containers/parquet/addresses/read-by-columns.ts"
import { type ParquetFooter, readFooter } from "../containers/parquet/footer.ts"
import { PARQUET } from "../containers/parquet/malformed.ts"
import { type ParquetFile, readGroupRows } from "../containers/parquet/rows.ts"
import { readFileMetadata } from "../containers/parquet/samples.ts"
import { Budget } from "../containers/rows/budget.ts"
import { rowSample } from "../containers/rows/row-samples.ts"
import { listingOf } from "../plan/open-shard.ts"
import type { ShardPlan } from "../plan/types.ts"
import { DEFAULT_READER_LIMITS } from "../readers/limits.ts"
import type { Sample } from "../readers/types.ts"
import { addressColumnsOf } from "../scan/screen-columns.ts"
import type { CurrentLists } from "./current-lists.ts"
import type { FoundPlaces } from "./known-items.ts"

/** A table to be searched. */
export interface TableSearch {
  readonly shard: ShardPlan
  /** Rows from which a table is read this way. */
  readonly columnRows: number
  /** Where a scan found something in this shard, as it was then; undefined where that is not known. */
  readonly found: FoundPlaces | undefined
  /** Keyed digests of known items. */
  readonly targets: ReadonlySet<string>
  readonly lists: CurrentLists
  /** Returns the keyed digests of a sample's known items. */
  readonly knownIn: (sample: Sample) => Promise<readonly string[]>
}

/** What was found in a table. */
export interface KnownRows {
  /** Keyed digests of known items, by the ordinal of the sample. */
  readonly samples: ReadonlyMap<number, readonly string[]>
  /** What stays of the table without those samples. */
  readonly survey: ColumnSurvey
}

/**
 * Searches a table. Of one that is as it was scanned, only rows are looked at in which something was found, and only
 * their row groups are read. In another one, rows are found by columns, as in a scan. If that leaves it open whether an
 * item is in the table, because the lists have changed since, every row is looked at.
 *
 * @returns undefined for a shard that is no large table of addresses and digests.
 * @throws {ShardError} as `readGroupRows`.
 * @throws {DependencyError} `source_unreadable`, `source_changed`.
 */
export async function findKnownRows(search: TableSearch, signal: AbortSignal): Promise<KnownRows | undefined> {
  const { shard, columnRows, found, targets, lists } = search
  if (shard.kind !== "parquet") return undefined
  using source = openShardFile({ listing: listingOf(shard) })
  const footer = await readFooter(source, DEFAULT_READER_LIMITS)
  const columns = addressColumnsOf(shard, footer, columnRows)
  if (columns === undefined) return undefined
  const fileOf = () => ({ source, footer, budget: new Budget(DEFAULT_READER_LIMITS, source.sizeBytes, PARQUET) })
  if (found?.listingDigest === shard.listingDigest) {
    const rows = await searchRows(fileOf(), search, found.samples, signal)
    if (missingFrom(rows, found.known).length === 0) return rows
  }
  const current = await lists.open()
  if (current !== undefined) {
    const candidates = await findCandidates(fileOf(), { columns, module: current.module }, signal)
    const rows = await searchRows(fileOf(), search, candidates, signal)
    if (missingFrom(rows, targets).every(current.covers)) return rows
  }
  return await searchRows(fileOf(), search, undefined, signal)
}

function missingFrom({ samples }: KnownRows, expected: ReadonlySet<string>): readonly string[] {
  const seen = new Set([...samples.values()].flat())
  return [...expected].filter((itemDigest) => !seen.has(itemDigest))
}

/** Ordinals of the samples that a scan would look at. */
async function findCandidates(
  file: ParquetFile,
  { columns, module }: Pick<ColumnChoices, "columns" | "module">,
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const candidates = new Set<number>()
  const builder = new ItemBuilder(DEFAULT_READER_LIMITS, signal)
  for await (const step of readByColumns(file, builder, { columns, module, isCopied: false, groups: [] })) {
    if (step.kind === "sample") candidates.add(step.sample.ordinal)
  }
  return candidates
}

/** @param wanted - Ordinals of the samples that are looked at; undefined for all. */
async function searchRows(
  file: ParquetFile,
  { knownIn }: TableSearch,
  wanted: ReadonlySet<number> | undefined,
  signal: AbortSignal,
): Promise<KnownRows> {
  const { footer } = file
  const samples = new Map<number, readonly string[]>()
  const look = async (ordinal: number, sample: Sample): Promise<boolean> => {
    const itemDigests = await knownIn(sample)
    if (itemDigests.length > 0) samples.set(ordinal, itemDigests)
    return itemDigests.length > 0
  }
  const builderOf = () => new ItemBuilder(DEFAULT_READER_LIMITS, signal)
  const metadata = await readFileMetadata(file, builderOf())
  const keepsMetadata = metadata === undefined || !(await look(0, metadata))
  const before = metadata === undefined ? 0 : 1
  const groups: SurveyedColumns[] = []
  const wantedIn = wanted && positionsByGroup(wanted, before, footer)
  let firstRow = 0
  for (let index = 0; index < footer.groupCount; index++) {
    const group = footer.group(index)
    await yieldEvery512(index)
    signal.throwIfAborted()
    const positions = wantedIn?.get(index)
    if (wantedIn !== undefined && positions === undefined) {
      groups.push({ digests: [], hasUnused: false, dropped: NONE, droppedRows: 0 })
      firstRow += group.rows
      continue
    }
    const dropped: number[] = []
    const choices = compact({ firstRow, isDigested: true, wanted: positions, signal })
    const rows = readGroupRows(file, group, choices)
    let next = await rows.next()
    for (; next.done !== true; next = await rows.next()) {
      signal.throwIfAborted()
      const { index: row } = next.value
      const place = { key: String(row), name: `row ${row}`, path: undefined }
      if (await look(row + before, await rowSample(next.value, place, builderOf()))) dropped.push(row - firstRow)
    }
    groups.push({ ...next.value, dropped: marksOf(dropped, group.rows), droppedRows: dropped.length })
    firstRow += group.rows
  }
  const survey = { keepsMetadata, groups, leftOutRows: 0, leftOutItems: 0, hasMetadata: before > 0, rows: firstRow }
  return { samples, survey }
}

const NONE = new Uint8Array()

/**
 * Positions of the rows among these samples, by row group; groups without any are left out.
 *
 * @param before - Samples before the first row.
 */
function positionsByGroup(
  samples: ReadonlySet<number>,
  before: number,
  footer: ParquetFooter,
): ReadonlyMap<number, ReadonlySet<number>> {
  const rows = Float64Array.from(samples, (sample) => sample - before).sort()
  const positions = new Map<number, Set<number>>()
  let index = 0
  let firstRow = 0
  for (const row of rows) {
    if (row < 0) continue
    while (index < footer.groupCount && row >= firstRow + footer.group(index).rows) {
      firstRow += footer.group(index++).rows
    }
    if (index === footer.groupCount) break
    const own = positions.get(index) ?? new Set()
    own.add(row - firstRow)
    positions.set(index, own)
  }
  return positions
}

function marksOf(positions: readonly number[], rows: number): Uint8Array {
  if (positions.length === 0) return NONE
  const marks = new Uint8Array(rows)
  for (const position of positions) marks[position] = 1
  return marks
}
