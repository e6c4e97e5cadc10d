/**
 * Samples of a file of JSON records: one for each line, or for each element of an array.
 * @module
 */
import { compact } from "@nightlight/core"
import type { StatedOrigin } from "../../readers/stated-origin.ts"
import type { ItemSource, ReaderLimits, Sample } from "../../readers/types.ts"
import { type InnerFile, type ItemBuilder, NOTHING } from "../item-builder.ts"
import { recordsOfGroup } from "../records/group-records.ts"
import { type ReadJson, readJson } from "../records/read-json.ts"
import { readRecords } from "../records/read-records.ts"
import type { JsonRecords } from "./open-records.ts"

/** A file of JSON records that is read. */
export interface JsonShard {
  readonly records: JsonRecords
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
  { records, path }: JsonShard,
  builder: ItemBuilder,
  limits: ReaderLimits,
): AsyncGenerator<Sample, void> {
  for await (const record of readRecords(records.fragments(), Math.min(limits.itemBytes, limits.sampleBytes))) {
    const { line, offset, sizeBytes, bytes } = record
    const place = `line ${line}`
    const range: ItemSource | undefined =
      path === undefined ? undefined : { kind: "range", path, offset, length: sizeBytes }
    const about = { place, sizeBytes, role: "member" as const }
    if (bytes === undefined) {
      const found = range === undefined ? { source: NOTHING, unread: true as const } : { source: range }
      yield await builder.single(place, { ...about, ...found, refused: "byte_limit" })
      continue
    }
    const { origins, ...read } = records.groupSize === 1 ? readJson(bytes, limits) : readGroup(bytes, limits)
    const source = range ?? { kind: "bytes" as const, bytes }
    yield await builder.single(place, { ...about, source, ...compact(read) }, origins)
  }
}

/** Reads several lines as one item: what each of them carries and states, and the first reason to refuse any. */
function readGroup(bytes: Buffer, limits: ReaderLimits): ReadJson {
  const inside: InnerFile[] = []
  const origins: StatedOrigin[] = []
  let refused: ReadJson["refused"]
  let nestedBytes = limits.nestedBytes
  for (const [index, line] of recordsOfGroup(bytes).entries()) {
    const read = readJson(line, { ...limits, nestedBytes, nestedItems: limits.nestedItems - inside.length })
    inside.push(...read.inside.map((file) => ({ ...file, name: `${index}.${file.name}` })))
    origins.push(...read.origins)
    nestedBytes -= read.inside.reduce((sum, file) => sum + file.bytes.length, 0)
    refused ??= read.refused
  }
  return { inside, origins, refused }
}
