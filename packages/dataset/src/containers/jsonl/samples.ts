/**
 * Samples of a file of JSON records: one for each line, or for each element of an array.
 * @module
 */
import { compact } from "@nightlight/core"
import type { ItemSource, ReaderLimits, Sample, StatedOrigin } from "../../readers/types.ts"
import { type FoundMember, type ItemBuilder, NOTHING } from "../item-builder.ts"
import type { Fragment } from "../records/fragments.ts"
import { readJson } from "../records/read-json.ts"
import { readRecords, type TextRecord } from "../records/read-records.ts"

/** A file of JSON records that is read. */
export interface JsonShard {
  readonly fragments: AsyncIterable<Fragment>
  /** Path of a plain file, whose records are ranges of it; undefined: records are held as bytes. */
  readonly path: string | undefined
}

/**
 * Reads the samples of a file of JSON records. A record's own text comes first, then the files that it carries as
 * base64. A record that is not one JSON value in UTF-8, or is too long to be read, can never be clear.
 *
 * @throws {ShardError} as the fragments and the limits say.
 */
export async function* readJsonSamples(
  { fragments, path }: JsonShard,
  builder: ItemBuilder,
  limits: ReaderLimits,
): AsyncGenerator<Sample, void> {
  for await (const record of readRecords(fragments, Math.min(limits.itemBytes, limits.sampleBytes))) {
    const { member, origin } = readRecord(record, path, limits)
    yield await builder.single(member.place, member, origin)
  }
}

interface ReadRecord {
  readonly member: FoundMember
  readonly origin: StatedOrigin | undefined
}

function readRecord(
  { bytes, line, offset, sizeBytes }: TextRecord,
  path: string | undefined,
  limits: ReaderLimits,
): ReadRecord {
  const about = { place: `line ${line}`, sizeBytes, role: "member" as const }
  const range: ItemSource | undefined =
    path === undefined ? undefined : { kind: "range", path, offset, length: sizeBytes }
  if (bytes === undefined) {
    const member: FoundMember =
      range === undefined
        ? { ...about, source: NOTHING, refused: "byte_limit", unread: true }
        : { ...about, source: range, refused: "byte_limit" }
    return { member, origin: undefined }
  }
  const { inside, origin, refused } = readJson(bytes, limits)
  const source = range ?? { kind: "bytes" as const, bytes }
  return { member: { ...about, source, inside, ...compact({ refused }) }, origin }
}
