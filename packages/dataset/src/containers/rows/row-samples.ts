/**
 * Samples of a table: its key-value metadata, and each row.
 * @module
 */
import { compact } from "@nightlight/core"
import type { ReaderLimits, Sample } from "../../readers/types.ts"
import { type FoundMember, type ItemBuilder, NOTHING, type OpenSample } from "../item-builder.ts"
import { InnerFiles } from "../records/inner-files.ts"
import { SNIFF_BYTES, sniffArchive } from "../sniff.ts"
import type { BinaryCell, BuiltRow } from "./row-builder.ts"

/** One entry of a table's key-value metadata. */
export interface KeyValue {
  readonly key: string
  readonly value: string
}

/** One row of a table. */
export interface TableRow extends BuiltRow {
  /** Position in the file, from 0. */
  readonly index: number
  /** Names of columns that are encrypted, which were not read. */
  readonly encrypted: readonly string[]
}

/** The key-value metadata as JSON; undefined where there is none. */
export function metadataBytes(keyValues: readonly KeyValue[]): Uint8Array | undefined {
  return keyValues.length === 0 ? undefined : Buffer.from(JSON.stringify(keyValues))
}

/** The items of a row that a decision counts: its cells, and its JSON. */
export function countItems({ cells, external, encrypted }: TableRow): number {
  return cells.length + external.length + encrypted.length + 1
}

/** Makes a sample of the metadata's JSON and of the files in its values. */
export async function metadataSample(
  bytes: Uint8Array,
  keyValues: readonly KeyValue[],
  limits: ReaderLimits,
  builder: ItemBuilder,
): Promise<Sample> {
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

/** Where a row's bytes are, and its name. */
export interface RowPlace extends CellPlace {
  /** The sample's. */
  readonly key: string
}

interface CellPlace {
  /** Such as `row 17`: the beginning of its items' places. */
  readonly name: string
  /** Path of the file, where ranges of it can be read by path. */
  readonly path: string | undefined
}

/** Makes a sample of a row. Its items are the binary cells and, last, the JSON of its other cells. */
export async function rowSample(row: TableRow, { key, name, path }: RowPlace, builder: ItemBuilder): Promise<Sample> {
  const sample = builder.begin(key, [row.origin])
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

function cellMember(cell: BinaryCell, { name, path }: CellPlace, { sample, builder }: Building): FoundMember {
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

function jsonMember(place: string, { json, inside }: TableRow, { sample, builder }: Building): FoundMember {
  const bytes = json === undefined ? undefined : Buffer.from(json)
  if (bytes === undefined || !builder.mayHold(sample, bytes.length)) return unreadMember(place, "byte_limit")
  inside.addLists(bytes)
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
