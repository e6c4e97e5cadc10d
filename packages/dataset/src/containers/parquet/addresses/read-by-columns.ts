/**
 * Reads a table of addresses and digests by columns: only the rows that may match, or that hold more than words, become
 * samples.
 * @module
 */
import { AddressProbe } from "@nightlight/core"
import type { Sample } from "../../../readers/types.ts"
import type { ItemBuilder } from "../../item-builder.ts"
import { rowSample } from "../../rows/row-samples.ts"
import { ColumnReader } from "../column.ts"
import type { RowGroup } from "../footer.ts"
import { malformed } from "../malformed.ts"
import { type ParquetFile, readGroupRows } from "../rows.ts"
import { readFileMetadata } from "../samples.ts"
import type { ReadColumn } from "./column-roles.ts"
import type { DigestFilter } from "./digest-filter.ts"
import { mayHoldMore } from "./plain-text.ts"
import { type TestValue, testValues } from "./read-values.ts"

/** The prefixes of all lists' digests. */
export type DigestFilters = Readonly<Record<"md5" | "sha1" | "sha256" | "url", DigestFilter>>

/** What was read of a row group. */
export interface GroupColumns {
  readonly rows: number
  /** SHA-256 of each column's bytes; empty where the table is not copied. */
  readonly digests: readonly string[]
  readonly hasUnused: boolean
}

/** Rows without anything to look at, or a sample of one that has. */
export type ColumnStep =
  | { readonly kind: "passed"; readonly rows: number }
  | { readonly kind: "sample"; readonly sample: Sample }

/** How a table is read. */
export interface ColumnChoices {
  readonly columns: readonly ReadColumn[]
  readonly filters: DigestFilters
  /** Whether the table is copied: all of its columns are read then, and digested. */
  readonly isCopied: boolean
  /** Grows with every row group. */
  readonly groups: GroupColumns[]
}

/**
 * Reads a table in the order of its rows. Samples have the ordinals that a reading row by row gives them.
 *
 * @throws {ShardError} as `readGroupRows`.
 */
export async function* readByColumns(
  file: ParquetFile,
  builder: ItemBuilder,
  choices: ColumnChoices,
): AsyncGenerator<ColumnStep, void> {
  const { footer } = file
  const metadata = await readFileMetadata(file, builder)
  if (metadata !== undefined) yield { kind: "sample", sample: metadata }
  const probe = new AddressProbe((upper, lower) => choices.filters.url.has(upper, lower))
  let firstRow = 0
  for (let index = 0; index < footer.groupCount; index++) {
    const group = footer.group(index)
    const found = new Set<number>()
    choices.groups.push(await readGroup(file, group, { ...choices, probe, found }))
    let next = 0
    if (found.size > 0) {
      for await (const row of readGroupRows(file, group, { firstRow, isDigested: false, wanted: found })) {
        const position = row.index - firstRow
        builder.pass(position - next)
        if (position > next) yield { kind: "passed", rows: position - next }
        yield { kind: "sample", sample: await rowSample(row, placeOf(row.index), builder) }
        next = position + 1
      }
    }
    builder.pass(group.rows - next)
    if (group.rows > next) yield { kind: "passed", rows: group.rows - next }
    firstRow += group.rows
  }
}

function placeOf(row: number) {
  return { key: String(row), name: `row ${row}`, path: undefined }
}

interface GroupReading extends ColumnChoices {
  readonly probe: AddressProbe
  readonly found: Set<number>
}

async function readGroup(
  file: ParquetFile,
  group: RowGroup,
  { columns, filters, isCopied, probe, found }: GroupReading,
): Promise<GroupColumns> {
  const digests: string[] = []
  let hasUnused = false
  for (const node of file.footer.schema.leaves) {
    const column = columns.find(({ leaf }) => leaf === node.leaf.index)
    const chunk = group.chunks[node.leaf.index]
    if (chunk === undefined) throw malformed()
    if (column !== undefined) {
      const test = testOf(column, filters, probe)
      const read = await testValues(file, { node, chunk, isDigested: isCopied, test, found: (row) => found.add(row) })
      digests[node.leaf.index] = read.sha256
      hasUnused ||= read.hasUnused
    } else if (isCopied) {
      const reader = new ColumnReader(file.source, { node, chunk }, { budget: file.budget, isDigested: true })
      while (!reader.isDone) {
        if (!reader.isReady) await reader.load()
        reader.next()
      }
      const read = reader.finish()
      digests[node.leaf.index] = read.sha256
      hasUnused ||= read.hasUnused
    }
  }
  return { rows: group.rows, digests, hasUnused }
}

const TYPE_BY_DIGITS = { 32: "md5", 40: "sha1", 64: "sha256" } as const
const TYPE_BY_BYTES = { 16: "md5", 20: "sha1", 32: "sha256" } as const

function testOf({ role, isRaw }: ReadColumn, filters: DigestFilters, probe: AddressProbe): TestValue {
  if (role === "url") {
    return (bytes, start, length) => mayHoldMore(bytes, start, length) || probe.find(bytes, start, start + length)
  }
  if (role === "text") return mayHoldMore
  if (isRaw) {
    return (bytes, start, length) => {
      const type = TYPE_BY_BYTES[length as keyof typeof TYPE_BY_BYTES]
      // Short bytes are a number; those of SHA-512 are in no list.
      if (type === undefined) return length > 16 && length !== 64
      return filters[type].has(word(bytes, start), word(bytes, start + 4))
    }
  }
  return (bytes, start, length) => {
    const type = TYPE_BY_DIGITS[length as keyof typeof TYPE_BY_DIGITS]
    if (type === undefined || !isHex(bytes, start, length)) return mayHoldMore(bytes, start, length)
    return filters[type].has(hexWord(bytes, start), hexWord(bytes, start + 8))
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  )
}

/** Value of a hexadecimal digit; 16 for another character. */
const DIGITS = new Uint8Array(256).fill(16)
for (const [value, digit] of Array.from("0123456789abcdef").entries()) DIGITS[digit.charCodeAt(0)] = value
for (const [value, digit] of Array.from("ABCDEF").entries()) DIGITS[digit.charCodeAt(0)] = value + 10

function isHex(bytes: Uint8Array, start: number, length: number): boolean {
  let all = 0
  for (let at = start; at < start + length; at++) all |= DIGITS[bytes[at] as number] as number
  return all < 16
}

function hexWord(bytes: Uint8Array, start: number): number {
  let value = 0
  for (let at = start; at < start + 8; at++) value = (value << 4) | (DIGITS[bytes[at] as number] as number)
  return value >>> 0
}
