/**
 * Reads a column of texts or digests page by page, each page's values at once.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises"
import type { Budget } from "../../rows/budget.ts"
import type { ColumnChunk } from "../footer.ts"
import { HybridReader, levelBits } from "../hybrid.ts"
import { malformed } from "../malformed.ts"
import { type Page, PageReader, type Scratch } from "../pages.ts"
import type { ParquetFile } from "../rows.ts"
import type { Leaf, SchemaNode } from "../schema.ts"
import { type Dictionary, ENCODING, openValues, readDictionary, uint32, type ValueReader } from "../values.ts"
import type { ColumnModule, Role } from "./column-module.ts"
import { PlainBatch } from "./plain-batch.ts"

/** Bytes of padding that writers leave behind a page's values. */
const PADDING_BYTES = 1024
/** What reading an entry costs, in bytes that could be read instead. */
const ENTRY_BYTES = 16

/** Facts about a chunk that was read. */
export interface ReadChunk {
  readonly sha256: string
  readonly hasUnused: boolean
}

/** Says of a value that may be one to look at whether it is. */
export type TestValue = (bytes: Uint8Array, start: number, length: number) => boolean

/** A column chunk, and what becomes of its rows. */
export interface ChunkTest {
  readonly node: SchemaNode & { readonly leaf: Leaf }
  readonly chunk: ColumnChunk
  readonly isDigested: boolean
  /** Memory for the pages of all chunks, one chunk after the other. */
  readonly scratch: Scratch
  readonly module: ColumnModule
  /** What the module looks values up as. */
  readonly role: Role
  /** Asked about what the module does not let pass. */
  readonly test: TestValue
  /** Receives each row to be looked at, by position in the group. */
  readonly found: (row: number) => void
  readonly signal: AbortSignal
}

/**
 * Tests the values of a chunk of a column without lists; each value of a dictionary once.
 *
 * @throws {ShardError} `shard_malformed`, `shard_bomb`, `shard_limit`
 */
export async function testValues(
  { source, budget }: Pick<ParquetFile, "source" | "budget">,
  { chunk, isDigested, scratch, signal, ...test }: ChunkTest,
): Promise<ReadChunk> {
  const pages = new PageReader(source, chunk, { budget, isDigested, scratch })
  const inflate = test.module.inflate.bind(test.module)
  let dictionary: TestedDictionary | undefined
  let row = 0
  while (row < chunk.entries) {
    const stored = await pages.nextStored()
    // From here to the end of the page, nothing else uses the module.
    const page = pages.inflate(stored, inflate)
    budget.hold(page.bytes.length)
    if (page.kind === "dictionary") {
      if (dictionary !== undefined || row > 0) throw malformed()
      dictionary = testDictionary(page, test, budget)
      continue
    }
    if (page.entries > chunk.entries - row) throw malformed()
    testPage(page, { ...test, firstRow: row, budget, dictionary })
    row += page.entries
    budget.release(page.bytes.length)
    await nextTurn()
    signal.throwIfAborted()
  }
  if (!pages.isAtEnd) throw malformed()
  budget.release(dictionary?.heldBytes ?? 0)
  return { sha256: pages.digest(), hasUnused: dictionary?.values.used.includes(0) ?? false }
}

interface TestedDictionary {
  readonly values: Dictionary
  /** Where those values begin whose rows are to be looked at. */
  readonly listed: ReadonlySet<number>
  readonly heldBytes: number
}

type ValueTest = Pick<ChunkTest, "node" | "module" | "role" | "test" | "found">

function testDictionary(page: Page, { node, module, role, test }: ValueTest, budget: Budget): TestedDictionary {
  const indexBytes = page.entries * 17
  budget.hold(indexBytes)
  // The module's memory is used again for each page.
  const bytes = Buffer.from(page.bytes)
  const values = readDictionary(bytes, page.entries, node.leaf)
  const listed = new Set<number>()
  const batch = new PlainBatch(module, role, (position, value, start, length) => {
    if (test(value, start, length)) listed.add(values.starts[position] ?? 0)
  })
  for (const [position, start] of values.starts.entries())
    batch.add(position, bytes, start, values.lengths[position] ?? 0)
  batch.end()
  return { values, listed, heldBytes: page.bytes.length + indexBytes }
}

interface PageTest extends ValueTest {
  readonly firstRow: number
  readonly budget: Budget
  readonly dictionary: TestedDictionary | undefined
}

function testPage(page: Page, to: PageTest): void {
  const isPlain = page.encoding === ENCODING.plain && to.node.leaf.widthBytes === 0
  const isIndexed = page.encoding === ENCODING.dictionary || page.encoding === ENCODING.plainDictionary
  if (isPlain) testPlain(page, to)
  else if (isIndexed) testIndexed(page, to)
  else testEncoded(page, to)
}

function testPlain(page: Page, { node, module, role, test, found, firstRow, budget }: PageTest): void {
  const { bytes, entries } = page
  const { levels, start } = openLevels(page, node)
  const values = { bytes, start, entries, levels, definition: node.definition }
  const end = module.testPlain(role, values, (entry, tested, at, length) => {
    if (test(tested, at, length)) found(firstRow + entry)
  })
  if (bytes.length - end > PADDING_BYTES) throw malformed()
  budget.count(end - start + entries * ENTRY_BYTES)
}

function testIndexed(page: Page, { node, dictionary, found, firstRow, budget }: PageTest): void {
  eachValue(page, { node, dictionary, budget }, (entry, { start }) => {
    if (dictionary?.listed.has(start)) found(firstRow + entry)
  })
}

/** Tests the values of a page in another encoding than the plain one. */
function testEncoded(page: Page, { node, module, role, test, found, firstRow, budget }: PageTest): void {
  const batch = new PlainBatch(module, role, (entry, tested, start, length) => {
    if (test(tested, start, length)) found(firstRow + entry)
  })
  // The module's memory, in which a page may lie, is used again for each batch.
  const own = { ...page, bytes: Buffer.from(page.bytes) }
  eachValue(own, { node, budget }, (entry, { bytes, start, length }) => batch.add(entry, bytes, start, length))
  batch.end()
}

/** Bytes of values that are counted at once, at most one value more. */
const COUNTED_BYTES = 2 ** 20

/** Levels that are read at once. */
const LEVELS = 2 ** 12

function eachValue(
  page: Page,
  { node, dictionary, budget }: Pick<ChunkTest, "node"> & Partial<Pick<PageTest, "dictionary">> & { budget: Budget },
  visit: (entry: number, value: ValueReader) => void,
): void {
  const { bytes, entries, encoding } = page
  const { leaf, definition } = node
  const { levels, start } = openLevels(page, node)
  const values =
    start === bytes.length
      ? undefined
      : openValues({ bytes, start, count: entries, encoding }, leaf, dictionary?.values)
  const levelsOf = new Int32Array(LEVELS).fill(definition)
  for (let first = 0; first < entries; first += LEVELS) {
    const count = Math.min(LEVELS, entries - first)
    levels?.fill(levelsOf, count)
    let valueBytes = 0
    for (let index = 0; index < count; index++) {
      if (levelsOf[index] !== definition) {
        if ((levelsOf[index] ?? 0) > definition) throw malformed()
        continue
      }
      if (values === undefined) throw malformed()
      values.next()
      valueBytes += values.length
      visit(first + index, values)
      if (valueBytes > COUNTED_BYTES) {
        budget.count(valueBytes)
        valueBytes = 0
      }
    }
    budget.count(valueBytes + count * ENTRY_BYTES)
  }
  if ((values?.unusedBytes() ?? 0) > PADDING_BYTES) throw malformed()
}

/** The definition levels of a page, undefined where every entry has a value; and where its values begin. */
function openLevels(
  page: Page,
  { definition }: SchemaNode,
): { readonly levels: HybridReader | undefined; readonly start: number } {
  const isFirst = page.kind !== "data-2"
  if (definition === 0) return { levels: undefined, start: isFirst ? 0 : page.repetitionBytes + page.definitionBytes }
  const start = isFirst ? 4 : page.repetitionBytes
  const end = start + (isFirst ? uint32(page.bytes, 0) : page.definitionBytes)
  return { levels: new HybridReader(page.bytes, start, end, levelBits(definition)), start: end }
}
