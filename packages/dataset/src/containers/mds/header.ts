/**
 * The header of an MDS shard.
 *
 * Source: MosaicML Streaming, `streaming/base/format/mds/writer.py` and `reader.py`: the number of samples, one offset
 * more than samples (all 32-bit little-endian), the columns as JSON, then the samples.
 * @module
 */
import { ShardError } from "@nightlight/core"
import type { ReaderLimits } from "../../readers/types.ts"
import type { TarInput } from "../tar/input.ts"

/** A column of a shard. */
export interface MdsColumn {
  readonly name: string
  /** Such as `jpeg`, `str` or `ndarray:uint8:8,8`. */
  readonly encoding: string
  /** Bytes of every value; undefined where each sample states its own. */
  readonly sizeBytes: number | undefined
}

/** What stands before the samples of a shard. */
export interface MdsHeader {
  readonly columns: readonly MdsColumn[]
  /** The columns as stored. */
  readonly config: Uint8Array
  /** Offsets of the samples in the uncompressed file, and of its end. */
  readonly offsets: readonly number[]
}

const WORD_BYTES = 4
const MAX_COLUMNS = 1_000

/** Bytes in front of the columns, by the number of samples. */
export function tableBytes(samples: number): number {
  return WORD_BYTES * (samples + 2)
}

/**
 * Reads a shard's header. The input is at its start, and afterwards at the first sample.
 *
 * @throws {ShardError} `shard_malformed` if it is none, `shard_limit` for too many samples or columns.
 */
export async function readMdsHeader(input: TarInput, limits: ReaderLimits): Promise<MdsHeader> {
  const count = (await readExactly(input, WORD_BYTES)).readUInt32LE(0)
  if (count > limits.items) throw new ShardError("shard_limit", "an MDS shard has too many samples")
  const table = await readExactly(input, WORD_BYTES * (count + 1))
  const offsets = Array.from({ length: count + 1 }, (_, index) => table.readUInt32LE(WORD_BYTES * index))
  const configBytes = (offsets[0] ?? 0) - tableBytes(count)
  if (configBytes < 0 || offsets.some((offset, index) => index > 0 && offset < (offsets[index - 1] ?? 0))) {
    throw malformed()
  }
  if (configBytes > limits.headerBytes) throw new ShardError("shard_limit", "the columns of an MDS shard are too large")
  const config = await readExactly(input, configBytes)
  return { columns: parseColumns(config), config, offsets }
}

async function readExactly(input: TarInput, length: number): Promise<Buffer> {
  const bytes = await input.read(length)
  if (bytes.length < length) throw malformed()
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

function parseColumns(config: Buffer): readonly MdsColumn[] {
  const fields = parseObject(config)
  if (fields === undefined || fields["version"] !== 2 || fields["format"] !== "mds") throw malformed()
  const [names, encodings, sizes] = [fields["column_names"], fields["column_encodings"], fields["column_sizes"]]
  if (!Array.isArray(names) || !Array.isArray(encodings) || !Array.isArray(sizes)) throw malformed()
  if (names.length !== encodings.length || names.length !== sizes.length) throw malformed()
  if (names.length > MAX_COLUMNS) throw new ShardError("shard_limit", "an MDS shard has too many columns")
  return names.map((name: unknown, index) => {
    const encoding: unknown = encodings[index]
    const size: unknown = sizes[index]
    if (typeof name !== "string" || typeof encoding !== "string" || !isSize(size)) throw malformed()
    // Readers take a size of zero for none.
    return { name, encoding, sizeBytes: size === null || size === 0 ? undefined : size }
  })
}

function isSize(size: unknown): size is number | null {
  return size === null || (typeof size === "number" && Number.isSafeInteger(size) && size >= 0)
}

function parseObject(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"))
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** The error of a shard that is not what its format says. */
export function malformed(): ShardError {
  return new ShardError("shard_malformed", "expected an MDS shard to its end")
}
