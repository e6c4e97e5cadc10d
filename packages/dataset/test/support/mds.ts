import { createHash } from "node:crypto"
import { gzipSync, zstdCompressSync } from "node:zlib"

/** Columns by name; Streaming sorts them. */
export type MdsColumns = Readonly<Record<string, string>>

/** Values of one sample, encoded, by column. */
export type MdsSample = Readonly<Record<string, Uint8Array>>

const FIXED = new Map([
  ["int", 8],
  ["uint8", 1],
  ["float32", 4],
])

const word = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** JSON as Python writes it: sorted keys, a space behind commas and colons. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${pythonJson(member)}`).join(", ")}}`
}

function configOf(columns: MdsColumns, { compression = null, hashes = [] }: MdsChoices) {
  const names = Object.keys(columns).sort()
  const encodings = names.map((name) => columns[name] ?? "")
  const sizes = encodings.map((encoding) => FIXED.get(encoding) ?? null)
  return {
    version: 2,
    format: "mds",
    compression,
    hashes,
    size_limit: 67_108_864,
    column_names: names,
    column_encodings: encodings,
    column_sizes: sizes,
  }
}

/** Compression and hashes as Streaming's writer takes them. */
export interface MdsChoices {
  readonly compression?: "zstd" | "gz" | null
  readonly hashes?: readonly string[]
}

/** A shard as Streaming's writer lays it out, not compressed. */
export function mdsShard(columns: MdsColumns, samples: readonly MdsSample[], choices: MdsChoices = {}): Buffer {
  const names = Object.keys(columns).sort()
  const rows = samples.map((sample) => {
    const values = names.map((name) => Buffer.from(sample[name] ?? new Uint8Array()))
    const sizes = values
      .filter((_, index) => !FIXED.has(columns[names[index] ?? ""] ?? ""))
      .map(({ length }) => word(length))
    return Buffer.concat([...sizes, ...values])
  })
  const config = Buffer.from(pythonJson(configOf(columns, choices)))
  const start = 4 + 4 * (rows.length + 1) + config.length
  const ends = rows.map((_, index) => rows.slice(0, index + 1).reduce((sum, { length }) => sum + length, start))
  const offsets = [start, ...ends].map(word)
  return Buffer.concat([word(rows.length), ...offsets, config, ...rows])
}

/** A folder of shards with their index, as Streaming's writer makes it. */
export function mdsFolder(columns: MdsColumns, shards: readonly (readonly MdsSample[])[], choices: MdsChoices = {}) {
  const { compression = null, hashes = [] } = choices
  const info = (basename: string, bytes: Buffer) => ({
    basename,
    bytes: bytes.length,
    hashes: Object.fromEntries(hashes.map((name) => [name, createHash(name).update(bytes).digest("hex")])),
  })
  const files: Record<string, Buffer> = {}
  const entries = shards.map((samples, index) => {
    const raw = mdsShard(columns, samples, choices)
    const name = `shard.${String(index).padStart(5, "0")}.mds`
    const packed = compression === null ? raw : compression === "zstd" ? zstdCompressSync(raw) : gzipSync(raw)
    const packedName = compression === null ? name : `${name}.${compression}`
    files[packedName] = packed
    return {
      ...configOf(columns, choices),
      samples: samples.length,
      raw_data: info(name, raw),
      zip_data: compression === null ? null : info(packedName, packed),
    }
  })
  files["index.json"] = Buffer.from(pythonJson({ version: 2, shards: entries }))
  return files
}

/** Values of samples as Streaming's reader gets them: by the offsets and sizes, not by this writer. */
export function readMds(bytes: Buffer, columns: MdsColumns): readonly Readonly<Record<string, Buffer>>[] {
  const names = Object.keys(columns).sort()
  return Array.from({ length: bytes.readUInt32LE(0) }, (_, index) => {
    const row = bytes.subarray(bytes.readUInt32LE(4 + 4 * index), bytes.readUInt32LE(8 + 4 * index))
    let offset = 0
    const sizes = names.map((name) => {
      const fixed = FIXED.get(columns[name] ?? "")
      if (fixed !== undefined) return fixed
      offset += 4
      return row.readUInt32LE(offset - 4)
    })
    return Object.fromEntries(
      names.map((name, column) => {
        const value = row.subarray(offset, offset + (sizes[column] ?? 0))
        offset += value.length
        return [name, value]
      }),
    )
  })
}
