/**
 * Samples of an MDS shard.
 * @module
 */
import { compact } from "@nightlight/core"
import type { ReaderLimits, Sample } from "../../readers/types.ts"
import { type FoundMember, type ItemBuilder, NOTHING, type OpenSample, yieldEvery512 } from "../item-builder.ts"
import { readJson } from "../records/read-json.ts"
import { SNIFF_BYTES, sniffArchive } from "../sniff.ts"
import type { TarInput } from "../tar/input.ts"
import { type MdsColumn, readMdsHeader } from "./header.ts"
import { type MdsMember, membersOfRow } from "./members.ts"
import { type MdsRow, readMdsRows, splitRow } from "./rows.ts"

/** An MDS shard that is read. */
export interface MdsShard {
  readonly input: TarInput
  /** Path of a plain shard, whose values are ranges of it; undefined: they are held as bytes. */
  readonly path: string | undefined
}

/**
 * Reads a shard's samples.
 *
 * @throws {ShardError} as `readMdsHeader`, `readMdsRows` and the limits say.
 */
export async function* readMdsSamples(
  { input, path }: MdsShard,
  builder: ItemBuilder,
  limits: ReaderLimits,
): AsyncGenerator<Sample, void> {
  const header = await readMdsHeader(input, limits)
  for await (const row of readMdsRows(input, header, mostHeld(limits))) {
    await yieldEvery512(row.index)
    const members = membersOf(row, header.columns)
    const place = `sample ${row.index}`
    if (members === undefined) {
      yield await builder.single(place, refusedRow(row, place, path))
      continue
    }
    const json = members.find(({ isJson }) => isJson === true)
    const { origins, ...found } = json === undefined ? { origins: [] } : readJson(json.bytes, limits)
    const sample = builder.begin(place, origins)
    for (const member of members) {
      const about = foundMember({ row, member, path }, sample, builder)
      await builder.add(sample, member === json ? { ...about, ...compact(found) } : about)
    }
    yield sample
  }
}

/** Longest sample that is held. */
export function mostHeld(limits: ReaderLimits): number {
  return Math.min(limits.itemBytes, limits.sampleBytes)
}

/** The items of a sample; `undefined` where it could not be held, or is not what its columns say. */
export function membersOf({ bytes }: MdsRow, columns: readonly MdsColumn[]): readonly MdsMember[] | undefined {
  const cells = bytes === undefined ? undefined : splitRow(bytes, columns)
  const members = cells === undefined ? undefined : membersOfRow(cells)
  return members?.length === 0 ? undefined : members
}

/** A sample that is one item, because its values could not be told. */
function refusedRow({ offset, sizeBytes, bytes }: MdsRow, place: string, path: string | undefined): FoundMember {
  const refused = bytes === undefined ? ("byte_limit" as const) : ("archive_malformed" as const)
  const about = { place, sizeBytes, role: "member" as const, refused }
  if (path !== undefined) return { ...about, source: { kind: "range", path, offset, length: sizeBytes } }
  return bytes === undefined
    ? { ...about, source: NOTHING, unread: true }
    : { ...about, source: { kind: "bytes", bytes } }
}

function foundMember(
  { row, member, path }: { readonly row: MdsRow; readonly member: MdsMember; readonly path: string | undefined },
  sample: OpenSample,
  builder: ItemBuilder,
): FoundMember {
  const { name, bytes, offset } = member
  const about = { place: `sample ${row.index} ${name}`, sizeBytes: bytes.length, role: "member" as const }
  const archive = sniffArchive(bytes.subarray(0, SNIFF_BYTES)) === undefined ? undefined : bytes
  if (path !== undefined && offset !== undefined) {
    const source = { kind: "range" as const, path, offset: row.offset + offset, length: bytes.length }
    if (archive === undefined) return { ...about, source }
    return builder.mayHold(sample, bytes.length)
      ? { ...about, source, archive }
      : { ...about, source, refused: "archive_limit" }
  }
  if (!builder.mayHold(sample, bytes.length)) return { ...about, source: NOTHING, refused: "byte_limit", unread: true }
  return { ...about, source: { kind: "bytes", bytes }, ...compact({ archive }) }
}
