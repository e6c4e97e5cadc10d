/**
 * What the bytes of a Parquet file belong to.
 * @module
 */
import { type ColumnChunk, MAGIC, TAIL_BYTES } from "./footer.ts"
import { bomb, malformed } from "./malformed.ts"
import type { ParquetFile } from "./rows.ts"
import { countOf, integerOf, readStruct } from "./thrift.ts"

/** A range of bytes; `group` and `column` are positions. */
export interface FilePart {
  readonly kind: "chunk" | "index" | "bloom"
  readonly start: number
  readonly end: number
  readonly group: number
  readonly column: number
}

/** Indexes of a column chunk that are stored apart from it. */
export interface ChunkIndexes {
  readonly offsetIndex: Range | undefined
  readonly columnIndex: Range | undefined
  readonly bloomStart: number | undefined
}

/** A range of bytes. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Finds the indexes of a chunk. @throws {ShardError} `shard_malformed` if one lies outside the file. */
export function indexesOf({ struct, meta }: ColumnChunk, fileEnd: number): ChunkIndexes {
  const range = (offsetId: number): Range | undefined => {
    const start = integerOf(struct, offsetId)
    const length = integerOf(struct, offsetId + 1)
    if (start === undefined || length === undefined) return undefined
    return checked({ start, end: start + length }, fileEnd)
  }
  return { offsetIndex: range(4), columnIndex: range(6), bloomStart: integerOf(meta, 14) }
}

/** Bytes of a bloom filter's header. */
const BLOOM_HEADER_BYTES = 64

/** Finds a chunk's bloom filter. @throws {ShardError} `shard_malformed` */
export async function bloomOf({ source, footer }: ParquetFile, { meta }: ColumnChunk, start: number): Promise<Range> {
  const length = integerOf(meta, 15)
  if (length !== undefined) return checked({ start, end: start + length }, footer.start)
  try {
    const header = readStruct(await source.read(start, BLOOM_HEADER_BYTES), 0)
    return checked({ start, end: start + header.end + countOf(header, 1) }, footer.start)
  } catch {
    throw malformed()
  }
}

function checked(range: Range, fileEnd: number): Range {
  if (range.start < MAGIC.length || range.end < range.start || range.end > fileEnd) throw malformed()
  return range
}

/** The column chunks in the order of their bytes. @throws {ShardError} `shard_bomb` if two overlap. */
export function findParts({ footer }: ParquetFile): readonly FilePart[] {
  const parts: FilePart[] = []
  for (let group = 0; group < footer.groupCount; group++) {
    for (const [column, { start, length }] of footer.group(group).chunks.entries()) {
      if (length > 0) parts.push({ kind: "chunk", start, end: start + length, group, column })
    }
  }
  parts.sort((a, b) => a.start - b.start)
  let end = 0
  for (const part of parts) {
    if (part.start < end) throw bomb()
    end = part.end
  }
  return parts
}

/** Longest gap that is looked into: writers align row groups with zeros. */
const MAX_GAP_BYTES = 64 * 2 ** 20

/**
 * Whether columns, indexes, filters and footer account for all of a file's bytes. Zeros between them, and a column's
 * metadata repeated behind it, do too.
 */
export async function isTight(file: ParquetFile): Promise<boolean> {
  const { footer, source } = file
  if (!footer.isTight) return false
  const parts = [...findParts(file)]
  for (let group = 0; group < footer.groupCount; group++) {
    for (const [column, chunk] of footer.group(group).chunks.entries()) {
      const { offsetIndex, columnIndex, bloomStart } = indexesOf(chunk, footer.start)
      for (const range of [offsetIndex, columnIndex]) {
        if (range !== undefined) parts.push({ ...range, kind: "index", group, column })
      }
      if (bloomStart !== undefined) {
        parts.push({ ...(await bloomOf(file, chunk, bloomStart)), kind: "bloom", group, column })
      }
    }
  }
  parts.sort((a, b) => a.start - b.start)
  let position = MAGIC.length
  let before: FilePart | undefined
  for (const part of [...parts, undefined]) {
    const start = part?.start ?? source.sizeBytes - TAIL_BYTES - footer.metadata.bytes.length
    if (start < position || !(await isKnownGap(file, { start: position, end: start }, before))) return false
    position = part?.end ?? start
    before = part
  }
  return true
}

async function isKnownGap({ source, footer }: ParquetFile, { start, end }: Range, before: FilePart | undefined) {
  if (start === end) return true
  if (end - start > MAX_GAP_BYTES) return false
  const bytes = Buffer.from(await source.read(start, end - start))
  if (before?.kind === "chunk") {
    const meta = footer.group(before.group).chunks[before.column]?.struct
    const field = meta?.fields.get(3)
    if (meta !== undefined && field !== undefined && bytes.equals(meta.bytes.subarray(field.start, field.end)))
      return true
  }
  return bytes.every((byte) => byte === 0)
}
