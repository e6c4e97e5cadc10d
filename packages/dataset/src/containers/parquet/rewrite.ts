/**
 * Produces the bytes of a Parquet file that lost rows: row groups, indexes, and a new footer.
 * @module
 */
import { ShardError } from "@nightlight/core"
import { sourceChanged } from "../../readers/source-changed.ts"
import type { CopyMode } from "../decision.ts"
import { yieldEvery512 } from "../item-builder.ts"
import { CODEC } from "./codecs.ts"
import { ColumnReader } from "./column.ts"
import { copyChunk } from "./copy-range.ts"
import { PageEncoder } from "./encode.ts"
import { type ColumnChunk, MAGIC, type RowGroup } from "./footer.ts"
import { bloomOf, indexesOf } from "./parts.ts"
import type { ParquetFile } from "./rows.ts"
import type { Survey, SurveyedGroup } from "./survey.ts"
import { countOf, integerOf, readStruct, structsOf, THRIFT } from "./thrift.ts"
import { changeStruct, type EncodedField, integerField, listField, varint } from "./thrift-write.ts"
import { ENCODING } from "./values.ts"

/** Fields of a column's metadata that describe values or pages which are no longer there. */
const PAGE_FACTS = [10, 11, 12, 13, 14, 15, 16, 17]
/** Fields of a column chunk: its indexes, and its encryption. */
const INDEX_FIELDS = [4, 5, 6, 7]
const ENCRYPTION_FIELDS = [8, 9]

/** A column chunk as it is written. */
interface WrittenChunk {
  readonly source: ColumnChunk
  readonly start: number
  /** Fields of its metadata that differ. */
  readonly meta: readonly EncodedField[]
  readonly isCopied: boolean
  length: number
  inflatedBytes: number
  /** Its indexes at their new places. */
  readonly indexes: EncodedField[]
}

interface WrittenGroup {
  readonly source: RowGroup
  readonly rows: number
  readonly isCopied: boolean
  readonly chunks: WrittenChunk[]
}

/** What is rewritten. */
export interface RewriteChoices {
  readonly survey: Survey
  readonly mode: CopyMode
}

/**
 * Yields the bytes piece by piece. Bytes that belong to nothing are left out, and so are row groups without rows.
 *
 * @throws {DependencyError} `source_changed` if columns differ from those that were read before.
 */
export async function* rewrittenFile(file: ParquetFile, choices: RewriteChoices): AsyncGenerator<Uint8Array, void> {
  yield MAGIC
  let offset = MAGIC.length
  const written: WrittenGroup[] = []
  for (let index = 0; index < file.footer.groupCount; index++) {
    await yieldEvery512(index)
    const surveyed = choices.survey.groups[index]
    if (surveyed === undefined) throw sourceChanged()
    const source = file.footer.group(index)
    const rows = source.rows - surveyed.droppedRows
    if (rows === 0 && source.rows > 0) continue
    const isCopied = surveyed.droppedRows === 0 && !(choices.mode === "clean" && surveyed.hasUnused)
    const group: WrittenGroup = { source, rows, isCopied, chunks: [] }
    for await (const bytes of isCopied
      ? copyGroup(file, group, { surveyed, offset })
      : encodeGroup(file, group, { surveyed, offset })) {
      offset += bytes.length
      yield bytes
    }
    written.push(group)
  }
  for (const group of written) {
    for (const chunk of group.isCopied ? group.chunks : []) {
      for await (const bytes of copyIndexes(file, chunk, offset)) {
        offset += bytes.length
        yield bytes
      }
    }
  }
  const footer = newFooter(file, written, choices)
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(footer.length)
  yield Buffer.concat([footer, tail, MAGIC])
}

interface GroupPlace {
  readonly surveyed: SurveyedGroup
  readonly offset: number
}

async function* copyGroup(
  file: ParquetFile,
  { source, chunks }: WrittenGroup,
  { surveyed, offset }: GroupPlace,
): AsyncGenerator<Uint8Array, void> {
  let start = offset
  const inFileOrder = [...source.chunks.entries()].sort(([, a], [, b]) => a.start - b.start)
  for (const [column, chunk] of inFileOrder) {
    const moved = [9, 10, 11].flatMap((id) => {
      const place = integerOf(chunk.meta, id)
      return place === undefined || place === 0 ? [] : [integerField(id, place - chunk.start + start)]
    })
    chunks[column] = {
      source: chunk,
      start,
      meta: moved,
      isCopied: true,
      length: chunk.length,
      inflatedBytes: 0,
      indexes: [],
    }
    const range = { start: chunk.start, end: chunk.start + chunk.length }
    yield* copyChunk(file, range, chunk.isEncrypted ? undefined : surveyed.digests[column])
    start += chunk.length
  }
}

async function* encodeGroup(
  file: ParquetFile,
  { source, chunks }: WrittenGroup,
  { surveyed, offset }: GroupPlace,
): AsyncGenerator<Uint8Array, void> {
  let start = offset
  for (const [column, chunk] of source.chunks.entries()) {
    if (chunk.isEncrypted) throw new ShardError("shard_unsafe", "an encrypted Parquet column cannot be rewritten")
    const written: WrittenChunk = {
      source: chunk,
      start,
      meta: [],
      isCopied: false,
      length: 0,
      inflatedBytes: 0,
      indexes: [],
    }
    const meta: EncodedField[] = []
    for await (const bytes of encodeChunk(file, { chunk, column, surveyed, written, meta })) {
      start += bytes.length
      yield bytes
    }
    chunks[column] = { ...written, meta }
  }
}

interface ChunkJob {
  readonly chunk: ColumnChunk
  readonly column: number
  readonly surveyed: SurveyedGroup
  readonly written: WrittenChunk
  readonly meta: EncodedField[]
}

async function* encodeChunk(
  { source, footer, budget }: ParquetFile,
  { chunk, column, surveyed, written, meta }: ChunkJob,
): AsyncGenerator<Uint8Array, void> {
  const node = footer.schema.leaves[column]
  if (node === undefined) throw sourceChanged()
  const codec = WRITABLE.includes(chunk.codec) ? chunk.codec : CODEC.none
  const encoder = new PageEncoder(node, codec)
  const reader = new ColumnReader(source, { node, chunk }, { budget, isDigested: true })
  let entries = 0
  let row = -1
  const flush = (): Uint8Array => {
    entries += encoder.count
    const page = encoder.flush()
    written.length += page.bytes.length
    written.inflatedBytes += page.inflatedBytes
    return page.bytes
  }
  while (!reader.isDone) {
    if (!reader.isReady) await reader.load()
    reader.next()
    if (reader.repetition === 0) row++
    if (surveyed.dropped[row] !== 0) continue
    if (encoder.count > 0 && encoder.endsBefore(reader)) yield flush()
    encoder.add(reader)
  }
  if (encoder.count > 0) yield flush()
  if (reader.finish().sha256 !== surveyed.digests[column]) throw sourceChanged()
  meta.push(
    listField(2, THRIFT.i32, [varint(ENCODING.plain * 2), varint(ENCODING.rle * 2)]),
    integerField(4, codec, THRIFT.i32),
    integerField(5, entries),
    integerField(6, written.inflatedBytes),
    integerField(7, written.length),
    integerField(9, written.start),
  )
}

/** Codecs that `deflate` compresses with. */
const WRITABLE: readonly number[] = [CODEC.none, CODEC.snappy, CODEC.gzip, CODEC.brotli, CODEC.zstd]

async function* copyIndexes(file: ParquetFile, chunk: WrittenChunk, offset: number): AsyncGenerator<Uint8Array, void> {
  const { source } = file
  const { offsetIndex, columnIndex, bloomStart } = indexesOf(chunk.source, file.footer.start)
  let place = offset
  if (bloomStart !== undefined) {
    const { start, end } = await bloomOf(file, chunk.source, bloomStart)
    const bytes = await source.read(start, end - start)
    chunk.indexes.push(integerField(14, place))
    place += bytes.length
    yield bytes
  }
  if (columnIndex !== undefined) {
    const bytes = await source.read(columnIndex.start, columnIndex.end - columnIndex.start)
    chunk.indexes.push(integerField(6, place))
    place += bytes.length
    yield bytes
  }
  if (offsetIndex !== undefined) {
    const bytes = await source.read(offsetIndex.start, offsetIndex.end - offsetIndex.start)
    const moved = moveOffsets(bytes, chunk.start - chunk.source.start)
    chunk.indexes.push(integerField(4, place), integerField(5, moved.length, THRIFT.i32))
    yield moved
  }
}

/** Moves the pages of an offset index. */
function moveOffsets(bytes: Uint8Array, distance: number): Uint8Array {
  const index = readStruct(bytes, 0)
  const locations = structsOf(index, 1).map((start) => {
    const location = readStruct(bytes, start)
    return changeStruct(location, [integerField(1, countOf(location, 1) + distance)])
  })
  return changeStruct(index, [listField(1, THRIFT.struct, locations)])
}

function newFooter(
  { footer: { metadata } }: ParquetFile,
  groups: readonly WrittenGroup[],
  { survey, mode }: RewriteChoices,
): Uint8Array {
  const rows = groups.reduce((sum, group) => sum + group.rows, 0)
  const dropped = [...(survey.keepsMetadata ? [] : [5]), ...(mode === "clean" ? ENCRYPTION_FIELDS : [])]
  const encoded = groups.map(newGroup)
  return changeStruct(metadata, [integerField(3, rows), listField(4, THRIFT.struct, encoded)], dropped)
}

function newGroup({ source: { struct }, rows, isCopied, chunks }: WrittenGroup, ordinal: number): Uint8Array {
  const changes = [integerField(3, rows), listField(1, THRIFT.struct, chunks.map(newChunk))]
  const sum = (of: (chunk: WrittenChunk) => number) => chunks.reduce((total, chunk) => total + of(chunk), 0)
  if (!isCopied) {
    changes.push(
      integerField(
        2,
        sum(({ inflatedBytes }) => inflatedBytes),
      ),
    )
    if (struct.fields.has(6))
      changes.push(
        integerField(
          6,
          sum(({ length }) => length),
        ),
      )
  }
  if (struct.fields.has(5)) changes.push(integerField(5, Math.min(...chunks.map(({ start }) => start))))
  if (struct.fields.has(7)) changes.push(integerField(7, ordinal, THRIFT.i16))
  return changeStruct(struct, changes)
}

function newChunk({ source, start, meta, isCopied, indexes }: WrittenChunk): Uint8Array {
  const { struct } = source
  const hasMeta = struct.fields.has(3)
  const inMeta = indexes.filter(({ id }) => id === 14)
  const changes = indexes.filter(({ id }) => id !== 14)
  // Deprecated: old writers have it lead to the chunk, or to a copy of its metadata that is not copied.
  const place = integerOf(struct, 2) ?? 0
  if (struct.fields.has(2)) changes.push(integerField(2, place === 0 ? 0 : start))
  if (hasMeta) {
    const value = changeStruct(source.meta, [...meta, ...inMeta], isCopied ? [] : PAGE_FACTS)
    changes.push({ id: 3, type: THRIFT.struct, value })
  }
  return changeStruct(struct, changes, isCopied ? [] : [...INDEX_FIELDS, ...ENCRYPTION_FIELDS])
}
