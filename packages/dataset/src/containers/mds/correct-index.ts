/**
 * Corrects the index of MDS shards for a copy in which some of them lost samples.
 *
 * Source: MosaicML Streaming, `base/writer.py` (`index.json`: samples, bytes and hashes of each shard, raw and compressed),
 * `base/hashing.py`.
 * @module
 */
import type { RandomSource } from "../../readers/source.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import { readChunks } from "../compression/copy-ranges.ts"
import { COMPRESSION_SNIFF_BYTES, sniffCompression } from "../compression/format.ts"
import { inflateSource } from "../compression/inflate.ts"
import { beginIndexHash, type IndexHash } from "./index-hashes.ts"

/** Opens a file of the copy by its base name; undefined where it is not there. */
export type OpenCopy = (name: string) => Promise<(RandomSource & Disposable) | undefined>

interface FileInfo {
  readonly basename: string
  bytes: number
  hashes: Record<string, string>
}

interface ShardInfo {
  samples: number
  readonly raw_data: FileInfo
  readonly zip_data: FileInfo | null
}

/**
 * Makes the index of a copy: shards that lost samples get their new counts, sizes and hashes; those that are not in the
 * copy, or have no sample left, are left out. Everything else stays as it is.
 *
 * @returns `undefined` if it is no index of MDS shards, or needs a hash that is not known here.
 */
export async function correctIndex(
  bytes: Uint8Array,
  open: OpenCopy,
  limits: ReaderLimits,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const text = Buffer.from(bytes).toString("utf8")
  const index = parseIndex(text)
  if (index === undefined) return undefined
  const shards: ShardInfo[] = []
  for (const shard of index.shards) {
    const { basename } = shard.zip_data ?? shard.raw_data
    using copy = basename.includes("/") ? undefined : await open(basename)
    if (copy === undefined) continue
    const corrected = await correctShard(shard, copy, limits, signal)
    if (corrected === undefined) return undefined
    if (corrected.samples > 0) shards.push(corrected)
  }
  return Buffer.from(likeBefore(text, index, { ...index, shards }))
}

interface MdsIndex {
  readonly shards: readonly ShardInfo[]
}

function parseIndex(text: string): MdsIndex | undefined {
  try {
    const index = JSON.parse(text) as { readonly version?: unknown; readonly shards?: unknown } | null
    const isIndex = index?.version === 2 && Array.isArray(index.shards) && index.shards.every(isShard)
    return isIndex ? (index as MdsIndex) : undefined
  } catch {
    return undefined
  }
}

function isShard(value: unknown): value is ShardInfo {
  const shard = value as (Partial<ShardInfo> & { readonly format?: unknown; readonly version?: unknown }) | null
  if (shard?.format !== "mds" || shard.version !== 2 || typeof shard.samples !== "number") return false
  return isFile(shard.raw_data) && (shard.zip_data === null || shard.zip_data === undefined || isFile(shard.zip_data))
}

function isFile(value: unknown): value is FileInfo {
  const file = value as Partial<FileInfo> | null | undefined
  return typeof file?.basename === "string" && typeof file.bytes === "number" && typeof file.hashes === "object"
}

async function correctShard(
  shard: ShardInfo,
  copy: RandomSource,
  limits: ReaderLimits,
  signal: AbortSignal,
): Promise<ShardInfo | undefined> {
  const compression = sniffCompression(await copy.read(0, COMPRESSION_SNIFF_BYTES))
  const content = () =>
    compression === undefined ? readChunks(copy) : inflateSource({ source: copy, compression }, limits, signal)
  const samples = await firstWord(content())
  if (samples === shard.samples) return shard
  const raw = await describe(shard.raw_data, content())
  const zip = shard.zip_data ? await describe(shard.zip_data, readChunks(copy)) : shard.zip_data
  if (samples === undefined || raw === undefined || zip === undefined) return undefined
  return { ...shard, samples, raw_data: raw, zip_data: zip }
}

async function firstWord(chunks: AsyncIterable<Uint8Array>): Promise<number | undefined> {
  let head = Buffer.alloc(0)
  for await (const chunk of chunks) {
    head = Buffer.concat([head, chunk.subarray(0, 4)])
    if (head.length >= 4) return head.readUInt32LE(0)
  }
  return undefined
}

async function describe(file: FileInfo, chunks: AsyncIterable<Uint8Array>): Promise<FileInfo | undefined> {
  const hashes: (readonly [string, IndexHash])[] = []
  for (const name of Object.keys(file.hashes)) {
    const hash = await beginIndexHash(name)
    if (hash === undefined) return undefined
    hashes.push([name, hash])
  }
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    for (const [, hash] of hashes) hash.update(chunk)
  }
  return { ...file, bytes, hashes: Object.fromEntries(hashes.map(([name, hash]) => [name, hash.hex()])) }
}

/** Writes the new index as the old one was written: as Python's `json` does, or as JavaScript's. */
function likeBefore(text: string, before: unknown, after: unknown): string {
  return text === toPython(before) ? toPython(after) : JSON.stringify(after)
}

/** JSON with a space behind each comma and colon, ASCII only, as `json.dumps` writes it. */
function toPython(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toPython).join(", ")}]`
  if (typeof value !== "object" || value === null) return toAscii(JSON.stringify(value))
  const members = Object.entries(value).map(([key, member]) => `${toAscii(JSON.stringify(key))}: ${toPython(member)}`)
  return `{${members.join(", ")}}`
}

function toAscii(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`)
}
