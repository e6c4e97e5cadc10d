/**
 * Samples of a Parquet file: its key-value metadata, and each row.
 * @module
 */
import { compact } from "@nightlight/core"
import type { ReaderLimits, Sample } from "../../readers/types.ts"
import { type FoundMember, type ItemBuilder, NOTHING, type OpenSample, yieldEvery512 } from "../item-builder.ts"
import { InnerFiles } from "../records/inner-files.ts"
import { SNIFF_BYTES, sniffArchive } from "../sniff.ts"
import type { BinaryCell } from "./assemble.ts"
import type { KeyValue } from "./footer.ts"
import { type ParquetFile, type ParquetRow, readGroupRows } from "./rows.ts"

/** A file, and its path where ranges of it can be read by path. */
export interface ParquetShard extends ParquetFile {
  readonly path: string | undefined
}

/**
 * Reads a file's samples. The items of a row are its binary cells and, last, the JSON of its other cells.
 *
 * @throws {ShardError} as `readGroupRows`.
 */
export async function* readParquetSamples(shard: ParquetShard, builder: ItemBuilder): AsyncGenerator<Sample, void> {
  const { footer, budget } = shard
  const metadata = metadataBytes(footer.keyValues)
  if (metadata !== undefined)
    yield await readMetadata(metadata, { keyValues: footer.keyValues, limits: budget.limits, builder })
  let row = 0
  for (let index = 0; index < footer.groupCount; index++) {
    const group = footer.group(index)
    for await (const read of readGroupRows(shard, group, { firstRow: row, isDigested: false })) {
      await yieldEvery512(read.index)
      yield await readSample(read, shard.path, builder)
    }
    row += group.rows
  }
}

/** The key-value metadata as JSON; undefined where there is none. */
export function metadataBytes(keyValues: readonly KeyValue[]): Uint8Array | undefined {
  return keyValues.length === 0 ? undefined : Buffer.from(JSON.stringify(keyValues))
}

/** The items of a row that a decision counts: see {@link readParquetSamples}. */
export function countItems({ cells, external, encrypted }: ParquetRow): number {
  return cells.length + external.length + encrypted.length + 1
}

interface Metadata {
  readonly keyValues: readonly KeyValue[]
  readonly limits: ReaderLimits
  readonly builder: ItemBuilder
}

async function readMetadata(bytes: Uint8Array, { keyValues, limits, builder }: Metadata): Promise<Sample> {
  const inside = new InnerFiles(limits)
  for (const { key, value } of keyValues) inside.add(Buffer.from(value), () => key)
  const sample = builder.begin("file metadata")
  const place = "file metadata"
  const about = { place, sizeBytes: bytes.length, role: "metadata" as const, skippedByLoaders: true as const }
  if (builder.mayHold(sample, bytes.length)) {
    const source = { kind: "bytes" as const, bytes }
    await builder.add(sample, { ...about, source, ...insideOf(inside) })
  } else await builder.add(sample, { ...about, source: NOTHING, refused: "byte_limit", unread: true })
  return sample
}

async function readSample(row: ParquetRow, path: string | undefined, builder: ItemBuilder): Promise<Sample> {
  const name = `row ${row.index}`
  const sample = builder.begin(String(row.index), row.origin === undefined ? undefined : [row.origin])
  for (const cell of row.cells) await builder.add(sample, cellMember(cell, { name, path }, { sample, builder }))
  for (const where of row.external) await builder.add(sample, unreadMember(`${name} ${where}`, "source_unreadable"))
  for (const where of row.encrypted) await builder.add(sample, unreadMember(`${name} ${where}`, "archive_encrypted"))
  await builder.add(sample, jsonMember(`${name}.json`, row, { sample, builder }))
  return sample
}

interface Building {
  readonly sample: OpenSample
  readonly builder: ItemBuilder
}

function cellMember(
  cell: BinaryCell,
  { name, path }: { readonly name: string; readonly path: string | undefined },
  { sample, builder }: Building,
): FoundMember {
  const { bytes, offset } = cell
  const about = { place: `${name} ${cell.path}`, sizeBytes: bytes.length, role: "member" as const }
  const archive = sniffArchive(bytes.subarray(0, SNIFF_BYTES)) === undefined ? undefined : bytes
  if (path !== undefined && offset !== undefined) {
    const source = { kind: "range" as const, path, offset, length: bytes.length }
    const isOpened = archive === undefined || builder.mayHold(sample, bytes.length)
    return isOpened ? { ...about, source, ...compact({ archive }) } : { ...about, source, refused: "archive_limit" }
  }
  if (!builder.mayHold(sample, bytes.length))
    return { ...unreadMember(about.place, "byte_limit"), sizeBytes: bytes.length }
  return { ...about, source: { kind: "bytes", bytes }, ...compact({ archive }) }
}

function jsonMember(place: string, { json, inside }: ParquetRow, { sample, builder }: Building): FoundMember {
  const bytes = json === undefined ? undefined : Buffer.from(json)
  if (bytes === undefined || !builder.mayHold(sample, bytes.length)) return unreadMember(place, "byte_limit")
  return { place, sizeBytes: bytes.length, role: "member", source: { kind: "bytes", bytes }, ...insideOf(inside) }
}

function insideOf({ files, isTooMuch }: InnerFiles): Pick<FoundMember, "inside" | "refused"> {
  return compact({
    inside: files.length === 0 ? undefined : files,
    refused: isTooMuch ? ("archive_limit" as const) : undefined,
  })
}

function unreadMember(place: string, refused: NonNullable<FoundMember["refused"]>): FoundMember {
  return { place, sizeBytes: 0, role: "member", source: NOTHING, refused, unread: true }
}
