/**
 * Writes an MDS shard again without some of its samples.
 * @module
 */
import { DependencyError } from "@nightlight/core"
import { Verifier } from "../../output/verifier.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import type { KeptItem } from "../decision.ts"
import { yieldEvery512 } from "../item-builder.ts"
import type { TarInput } from "../tar/input.ts"
import { type MdsHeader, readMdsHeader, tableBytes } from "./header.ts"
import { type MdsRow, readMdsRows } from "./rows.ts"
import { membersOf, mostHeld } from "./samples.ts"

const CHUNK_BYTES = 2 ** 20

/** Which samples of a shard stay. */
export interface MdsSelection {
  /** By position among the shard's items. */
  readonly kept: readonly (KeptItem | undefined)[]
  /** By sample; undefined: all stay. */
  readonly rows: readonly boolean[] | undefined
}

/** Finds which samples stay: those whose items all do. */
export async function selectRows(
  input: TarInput,
  kept: readonly (KeptItem | undefined)[],
  limits: ReaderLimits,
): Promise<{ readonly rows: readonly boolean[]; readonly sizeBytes: number }> {
  const header = await readMdsHeader(input, limits)
  const rows: boolean[] = []
  let position = 0
  let dataBytes = 0
  for await (const row of readMdsRows(input, header, mostHeld(limits))) {
    await yieldEvery512(row.index)
    const count = membersOf(row, header.columns)?.length ?? 1
    const stays = kept.slice(position, position + count).every((item) => item !== undefined)
    position += count
    rows.push(stays)
    if (stays) dataBytes += row.sizeBytes
  }
  return { rows, sizeBytes: tableBytes(rows.filter(Boolean).length) + header.config.length + dataBytes }
}

/**
 * Yields a shard's bytes: the offsets of the samples that stay, the columns, and those samples byte for byte.
 *
 * @throws {DependencyError} `source_changed` if an item does not have its digest.
 */
export async function* rewriteMds(
  input: TarInput,
  { kept, rows }: MdsSelection,
  limits: ReaderLimits,
): AsyncGenerator<Uint8Array, void> {
  const header = await readMdsHeader(input, limits)
  const stays = (index: number) => rows === undefined || rows[index] === true
  yield newHeader(header, stays)
  let position = 0
  for await (const row of readMdsRows(input, header, mostHeld(limits))) {
    await yieldEvery512(row.index)
    const members = membersOf(row, header.columns)
    const items = kept.slice(position, position + (members?.length ?? 1))
    position += members?.length ?? 1
    if (!stays(row.index)) continue
    if (row.bytes === undefined) yield* copyRow(input, row, new Verifier(items[0]?.sha256))
    else {
      for (const [index, bytes] of (members?.map((member) => member.bytes) ?? [row.bytes]).entries()) {
        const verifier = new Verifier(items[index]?.sha256)
        verifier.update(bytes)
        verifier.finish()
      }
      yield row.bytes
    }
  }
  if (position !== kept.length) throw changed()
}

function newHeader({ offsets, config }: MdsHeader, stays: (index: number) => boolean): Buffer {
  const sizes = offsets.slice(1).map((end, index) => end - (offsets[index] ?? 0))
  const left = sizes.filter((_, index) => stays(index))
  const head = Buffer.alloc(tableBytes(left.length))
  head.writeUInt32LE(left.length, 0)
  let offset = head.length + config.length
  head.writeUInt32LE(offset, 4)
  for (const [index, size] of left.entries()) {
    offset += size
    head.writeUInt32LE(offset, 8 + 4 * index)
  }
  return Buffer.concat([head, config])
}

async function* copyRow(input: TarInput, { sizeBytes }: MdsRow, verifier: Verifier): AsyncGenerator<Uint8Array, void> {
  for (let missing = sizeBytes; missing > 0; ) {
    const bytes = await input.read(Math.min(missing, CHUNK_BYTES))
    if (bytes.length === 0) throw changed()
    verifier.update(bytes)
    missing -= bytes.length
    yield bytes
  }
  verifier.finish()
}

function changed(): DependencyError {
  return new DependencyError("source_changed", "an MDS shard changed while it was copied")
}
