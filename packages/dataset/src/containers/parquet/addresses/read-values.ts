/**
 * Reads a column of texts or digests page by page, each page's values at once.
 * @module
 */
import type { Budget } from "../../rows/budget.ts"
import type { ColumnChunk } from "../footer.ts"
import { HybridReader, levelBits } from "../hybrid.ts"
import { malformed } from "../malformed.ts"
import { type Page, PageReader } from "../pages.ts"
import type { ParquetFile } from "../rows.ts"
import type { Leaf, SchemaNode } from "../schema.ts"
import { type Dictionary, ENCODING, openValues, readDictionary, uint32 } from "../values.ts"

/** Bytes of padding that writers leave behind a page's values. */
const PADDING_BYTES = 1024
/** What reading an entry costs, in bytes that could be read instead. */
const ENTRY_BYTES = 16

/** Facts about a chunk that was read. */
export interface ReadChunk {
  readonly sha256: string
  readonly hasUnused: boolean
}

/** Says of a value whether its row is to be looked at. */
export type TestValue = (bytes: Uint8Array, start: number, length: number) => boolean

/** A column chunk, and what becomes of its rows. */
export interface ChunkTest {
  readonly node: SchemaNode & { readonly leaf: Leaf }
  readonly chunk: ColumnChunk
  readonly isDigested: boolean
  readonly test: TestValue
  /** Receives each row to be looked at, by position in the group. */
  readonly found: (row: number) => void
}

/**
 * Tests the values of a chunk of a column without lists; each value of a dictionary once.
 *
 * @throws {ShardError} `shard_malformed`, `shard_bomb`, `shard_limit`
 */
export async function testValues(
  { source, budget }: Pick<ParquetFile, "source" | "budget">,
  { node, chunk, isDigested, test, found }: ChunkTest,
): Promise<ReadChunk> {
  const pages = new PageReader(source, chunk, { budget, isDigested })
  let dictionary: Dictionary | undefined
  let listed: ReadonlySet<number> | undefined
  let levels = new Int32Array()
  let dictionaryBytes = 0
  let row = 0
  while (row < chunk.entries) {
    const page = await pages.next()
    budget.hold(page.bytes.length)
    if (page.kind === "dictionary") {
      if (dictionary !== undefined || row > 0) throw malformed()
      dictionary = readDictionary(page.bytes, page.entries, node.leaf)
      dictionaryBytes = page.bytes.length + page.entries * 17
      budget.hold(page.entries * 17)
      listed = foundIn(dictionary, test)
      continue
    }
    if (page.entries > chunk.entries - row) throw malformed()
    if (levels.length < page.entries) levels = new Int32Array(page.entries)
    const start = readLevels(page, node, levels)
    testPage({ page, start, levels, firstRow: row }, { node, budget, dictionary, listed, test, found })
    row += page.entries
    budget.release(page.bytes.length)
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (!pages.isAtEnd) throw malformed()
  budget.release(dictionaryBytes)
  return { sha256: pages.digest(), hasUnused: dictionary?.used.includes(0) ?? false }
}

/** Reads a page's definition levels. @returns where its values begin. */
function readLevels(page: Page, { definition }: SchemaNode, levels: Int32Array): number {
  if (definition === 0) {
    levels.fill(0, 0, page.entries)
    return page.kind === "data-2" ? page.repetitionBytes + page.definitionBytes : 0
  }
  const isFirst = page.kind !== "data-2"
  const start = isFirst ? 4 : page.repetitionBytes
  const end = start + (isFirst ? uint32(page.bytes, 0) : page.definitionBytes)
  new HybridReader(page.bytes, start, end, levelBits(definition)).fill(levels, page.entries)
  return end
}

interface OpenPage {
  readonly page: Page
  readonly start: number
  readonly levels: Int32Array
  readonly firstRow: number
}

interface PageTest extends Pick<ChunkTest, "node" | "test" | "found"> {
  readonly budget: Budget
  readonly dictionary: Dictionary | undefined
  /** Where those values of the dictionary begin whose rows are to be looked at. */
  readonly listed: ReadonlySet<number> | undefined
}

function testPage({ page, start, levels, firstRow }: OpenPage, to: PageTest): void {
  const { bytes, entries, encoding } = page
  const { definition, leaf } = to.node
  const { test, found, budget } = to
  let valueBytes = 0
  let end = start
  if (encoding === ENCODING.plain && leaf.widthBytes === 0) {
    for (let index = 0; index < entries; index++) {
      if (levels[index] !== definition) {
        if ((levels[index] as number) > definition) throw malformed()
        continue
      }
      const length = uint32(bytes, end)
      const at = end + 4
      end = at + length
      if (end > bytes.length) throw malformed()
      if (test(bytes, at, length)) found(firstRow + index)
    }
    valueBytes = end - start
    if (bytes.length - end > PADDING_BYTES) throw malformed()
  } else {
    const isIndexed = encoding === ENCODING.dictionary || encoding === ENCODING.plainDictionary
    const { dictionary, listed } = to
    const values =
      start === bytes.length ? undefined : openValues({ bytes, start, count: entries, encoding }, leaf, dictionary)
    for (let index = 0; index < entries; index++) {
      if (levels[index] !== definition) {
        if ((levels[index] as number) > definition) throw malformed()
        continue
      }
      if (values === undefined) throw malformed()
      values.next()
      valueBytes += values.length
      const isFound =
        isIndexed && listed !== undefined ? listed.has(values.start) : test(values.bytes, values.start, values.length)
      if (isFound) found(firstRow + index)
    }
    if ((values?.unusedBytes() ?? 0) > PADDING_BYTES) throw malformed()
  }
  budget.count(valueBytes + entries * ENTRY_BYTES)
}

/** Where those values of a dictionary begin whose rows are to be looked at; each value is tested once. */
function foundIn({ bytes, starts, lengths }: Dictionary, test: TestValue): ReadonlySet<number> {
  return new Set([...starts].filter((start, index) => test(bytes, start, lengths[index] ?? 0)))
}
