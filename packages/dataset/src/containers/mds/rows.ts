/**
 * Samples of an MDS shard as they are stored.
 * @module
 */
import type { TarInput } from "../tar/input.ts"
import { type MdsColumn, type MdsHeader, malformed } from "./header.ts"

/** A stored sample. */
export interface MdsRow {
  readonly index: number
  /** In the uncompressed file. */
  readonly offset: number
  readonly sizeBytes: number
  /** Undefined where it is larger than may be held. */
  readonly bytes: Buffer | undefined
}

/**
 * Yields the samples in order, holding one at a time. Before asking for the next, the caller may read one that is not
 * held from the input, which is then at its start.
 *
 * @throws {ShardError} `shard_malformed` if the shard is cut short or continues after its last sample.
 */
export async function* readMdsRows(
  input: TarInput,
  { offsets }: MdsHeader,
  maxBytes: number,
): AsyncGenerator<MdsRow, void> {
  for (let index = 0; index + 1 < offsets.length; index++) {
    const [offset, end] = [offsets[index] ?? 0, offsets[index + 1] ?? 0]
    const sizeBytes = end - offset
    const bytes = sizeBytes > maxBytes ? undefined : await input.read(sizeBytes)
    if (bytes !== undefined && bytes.length < sizeBytes) throw malformed()
    const held = bytes === undefined ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    yield { index, offset, sizeBytes, bytes: held }
    if (!(await input.skipTo(end))) throw malformed()
  }
  if ((await input.read(1)).length > 0) throw malformed()
}

/** A value of a sample. */
export interface MdsCell {
  readonly column: MdsColumn
  /** In the sample. */
  readonly offset: number
  readonly bytes: Buffer
}

/** Cuts a sample into its values; `undefined` if they are not exactly all of it. */
export function splitRow(bytes: Buffer, columns: readonly MdsColumn[]): readonly MdsCell[] | undefined {
  const sizes: number[] = []
  let offset = 0
  for (const { sizeBytes } of columns) {
    if (sizeBytes === undefined && offset + 4 > bytes.length) return undefined
    sizes.push(sizeBytes ?? bytes.readUInt32LE(offset))
    if (sizeBytes === undefined) offset += 4
  }
  const cells: MdsCell[] = []
  for (const [index, column] of columns.entries()) {
    const end = offset + (sizes[index] ?? 0)
    if (end > bytes.length) return undefined
    cells.push({ column, offset, bytes: bytes.subarray(offset, end) })
    offset = end
  }
  return offset === bytes.length ? cells : undefined
}
