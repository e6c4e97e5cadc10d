/**
 * Reads a table of addresses and digests by columns: only the rows that may match, or that hold more than words, become
 * samples.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises"
import { addressPrefix, urlLookupKeys } from "@nightlight/core"
import { readDigest } from "../../../readers/digest-text.ts"
import { digestBytesOf } from "../../../readers/stated-origin.ts"
import type { Sample } from "../../../readers/types.ts"
import type { ItemBuilder } from "../../item-builder.ts"
import { rowSample } from "../../rows/row-samples.ts"
import { ColumnReader } from "../column.ts"
import type { RowGroup } from "../footer.ts"
import { malformed, tooLarge } from "../malformed.ts"
import { Scratch } from "../pages.ts"
import { type ParquetFile, readGroupRows } from "../rows.ts"
import { readFileMetadata } from "../samples.ts"
import { bytesRole, type ColumnModule, ROLES, type Role } from "./column-module.ts"
import type { ReadColumn } from "./column-roles.ts"
import { mayHoldMore, textOf } from "./plain-text.ts"
import { type TestValue, testValues } from "./read-values.ts"

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
  readonly module: ColumnModule
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
  const scratch = new Scratch()
  let firstRow = 0
  for (let index = 0; index < footer.groupCount; index++) {
    const group = footer.group(index)
    const found = new Set<number>()
    choices.groups.push(await readGroup(file, group, { ...choices, scratch, found, signal: builder.signal }))
    let next = 0
    if (found.size > 0) {
      for await (const row of readGroupRows(file, group, {
        firstRow,
        isDigested: false,
        wanted: found,
        signal: builder.signal,
      })) {
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
  readonly scratch: Scratch
  readonly found: Set<number>
  readonly signal: AbortSignal
}

/** Entries of a copied column that are read before other work may run. */
const YIELD_ENTRIES = 2 ** 14

async function readGroup(
  file: ParquetFile,
  group: RowGroup,
  { columns, module, isCopied, scratch, found, signal }: GroupReading,
): Promise<GroupColumns> {
  const digests: string[] = []
  let hasUnused = false
  for (const node of file.footer.schema.leaves) {
    const column = columns.find(({ leaf }) => leaf === node.leaf.index)
    const chunk = group.chunks[node.leaf.index]
    if (chunk === undefined) throw malformed()
    if (column !== undefined) {
      const read = await testValues(file, {
        node,
        chunk,
        isDigested: isCopied,
        scratch,
        module,
        signal,
        ...testOf(column, node.name, module),
        found: (row) => {
          found.add(row)
          if (found.size > file.budget.limits.items) throw tooLarge("more rows that must be looked at")
        },
      })
      digests[node.leaf.index] = read.sha256
      hasUnused ||= read.hasUnused
    } else if (isCopied) {
      const reader = new ColumnReader(file.source, { node, chunk }, { budget: file.budget, isDigested: true })
      for (let entry = 1; !reader.isDone; entry++) {
        if (!reader.isReady) await reader.load()
        reader.next()
        if (entry % YIELD_ENTRIES > 0) continue
        await nextTurn()
        signal.throwIfAborted()
      }
      const read = reader.finish()
      digests[node.leaf.index] = read.sha256
      hasUnused ||= read.hasUnused
    }
  }
  return { rows: group.rows, digests, hasUnused }
}

/** What a column's values are looked up as, and what is asked about those that the module does not let pass. */
function testOf(
  { role, isRaw }: ReadColumn,
  name: string,
  module: ColumnModule,
): { readonly role: Role; readonly test: TestValue } {
  if (role === "text") return { role: ROLES.text, test: mayHoldMore }
  if (role === "url") {
    return {
      role: ROLES.address,
      test: (bytes, start, length) =>
        isListedAddress(textOf(bytes, start, length), module) || mayHoldMore(bytes, start, length),
    }
  }
  if (isRaw) {
    const lengths = digestBytesOf(name)
    return {
      role: bytesRole(lengths),
      // Of another length it may be a digest in hexadecimal digits, or a file; short bytes are a number.
      test: (bytes, start, length) =>
        lengths.includes(length) ? isListedDigest(hexOf(bytes, start, length), module) === true : length > 16,
    }
  }
  return {
    role: ROLES.digestText,
    test: (bytes, start, length) => {
      const text = textOf(bytes, start, length)
      const isListed = isListedDigest(text, module)
      if (isListed === true || isOtherSpelling(text, module)) return true
      return isListed === undefined && mayHoldMore(bytes, start, length)
    },
  }
}

function isListedAddress(address: string, module: ColumnModule): boolean {
  return urlLookupKeys(address).some((key) => module.hasPrefix("url", ...addressPrefix(key)))
}

const TYPE_BY_DIGITS: Readonly<Record<number, "md5" | "sha1" | "sha256">> = { 32: "md5", 40: "sha1", 64: "sha256" }

/** Whether a list has a digest's prefix; undefined for what is no digest of a type that lists have. */
function isListedDigest(digits: string, module: ColumnModule): boolean | undefined {
  const type = TYPE_BY_DIGITS[digits.length]
  if (type === undefined || !/^[0-9a-f]+$/i.test(digits)) return undefined
  return module.hasPrefix(type, Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8, 16), 16))
}

/** Whether a text states a digest that a list may have in another way; 32 hexadecimal digits may be base32. */
function isOtherSpelling(text: string, module: ColumnModule): boolean {
  return DIGEST_BYTES.some((size) => {
    const digits = readDigest(text, size)
    return digits !== undefined && isListedDigest(digits, module) === true
  })
}

/** Of MD5, SHA-1 and SHA-256. */
const DIGEST_BYTES: readonly number[] = [16, 20, 32]

function hexOf(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString("hex")
}
