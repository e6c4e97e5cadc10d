/**
 * Samples of a WARC file: one for each record.
 * @module
 */

import { isUtf8 } from "node:buffer"
import { createHash } from "node:crypto"
import { compact, type InconclusiveCause } from "@nightlight/core"
import type { StatedOrigin } from "../../readers/stated-origin.ts"
import type { ItemSource, ReaderLimits, Sample } from "../../readers/types.ts"
import { type FoundMember, type InnerFile, type ItemBuilder, NOTHING } from "../item-builder.ts"
import type { Fragment } from "../records/fragments.ts"
import { readRecords, type TextRecord } from "../records/read-records.ts"
import { parseDigest } from "./digests.ts"
import { type Field, fieldOf, parseFields } from "./fields.ts"
import { readHttp } from "./http.ts"
import { recodedText } from "./payload-text.ts"
import { headerEnd } from "./split-warc.ts"

const FEED = 0x0a

/** A WARC file that is read. */
export interface WarcShard {
  readonly fragments: AsyncIterable<Fragment>
  /** Path of a plain file, whose records are ranges of it; undefined: records are held as bytes. */
  readonly path: string | undefined
}

/**
 * Reads the samples of a WARC file. A record is an opened archive: its headers as a text, and its payload with the
 * encodings of HTTP undone.
 *
 * @throws {ShardError} as the fragments and the limits say.
 */
export async function* readWarcSamples(
  { fragments, path }: WarcShard,
  builder: ItemBuilder,
  limits: ReaderLimits,
): AsyncGenerator<Sample, void> {
  for await (const record of readRecords(fragments, Math.min(limits.itemBytes, limits.sampleBytes))) {
    const { offset, sizeBytes, position, bytes } = record
    const range: ItemSource | undefined =
      path === undefined ? undefined : { kind: "range", path, offset, length: sizeBytes }
    const about = { place: `record ${position + 1}`, sizeBytes, role: "member" as const }
    if (bytes === undefined) {
      const nothing = { source: NOTHING, unread: true as const }
      const found = range === undefined ? nothing : { source: range }
      yield await builder.single(about.place, { ...about, ...found, refused: "byte_limit" })
      continue
    }
    const { inside, origins, refused } = readRecord(bytes, limits)
    const opened = refused === undefined ? (true as const) : undefined
    const source = range ?? { kind: "bytes" as const, bytes }
    const member: FoundMember = { ...about, source, inside, ...compact({ refused, opened }) }
    yield await builder.single(about.place, member, origins)
  }
}

interface ReadRecord {
  readonly inside: readonly InnerFile[]
  readonly origins: readonly StatedOrigin[]
  readonly refused: InconclusiveCause | undefined
}

function readRecord(bytes: NonNullable<TextRecord["bytes"]>, limits: ReaderLimits): ReadRecord {
  const length = headerEnd(bytes) ?? bytes.length
  const warcHeader = bytes.subarray(0, length)
  const fields = parseFields(warcHeader.toString("utf8"))
  const block = bytes.subarray(length)
  const contentType = fieldOf(fields, "content-type") ?? ""
  const isHttp = /^application\/http\b/i.test(contentType) || block.subarray(0, 5).toString("latin1") === "HTTP/"
  const http = isHttp ? readHttp(block, mostPayload(block, bytes, limits)) : undefined
  // Without the version, by which the decoder takes bytes for a record.
  const named = warcHeader.subarray(warcHeader.indexOf(FEED) + 1)
  const header = asText(Buffer.concat([named, http?.header ?? Buffer.alloc(0)]))
  const payload = http?.payload ?? block
  const recoded = recodedText(payload, (http === undefined ? contentType : fieldOf(http.fields, "content-type")) ?? "")
  const inside = [
    { name: "headers", bytes: header },
    { name: "payload", bytes: recoded ?? payload },
  ]
  const origins = originsOf(fields, recoded === undefined ? undefined : payload)
  // A segment is a part of a payload: the beginning of a picture says nothing of the rest.
  const isSegment = fieldOf(fields, "warc-segment-number") !== undefined
  const refused = http?.refused ?? (isSegment ? ("media_unsupported" as const) : undefined)
  return { inside, origins, refused }
}

function mostPayload(block: Buffer, record: Buffer, limits: ReaderLimits): number {
  const byRatio = Math.max(limits.ratioFloorBytes, block.length * limits.ratio)
  return Math.min(limits.itemBytes, limits.nestedBytes, limits.sampleBytes - record.length, byRatio)
}

/** Headers are Latin-1 or UTF-8. */
function asText(header: Buffer): Buffer {
  return isUtf8(header) ? header : Buffer.from(header.toString("latin1"))
}

/**
 * The record's URL and digests. A payload that is screened as another text is matched by its own digests too.
 */
function originsOf(fields: readonly Field[], payload: Buffer | undefined): readonly StatedOrigin[] {
  // Wget writes the URI in angle brackets.
  const url = fieldOf(fields, "warc-target-uri")?.replace(/^<(.*)>$/, "$1")
  const stated = ["warc-block-digest", "warc-payload-digest"].flatMap((name) => {
    const digest = parseDigest(fieldOf(fields, name) ?? "")
    return digest === undefined ? [] : [digest]
  })
  const computed =
    payload === undefined
      ? []
      : ["md5", "sha1", "sha256"].map((algorithm) => [algorithm, createHash(algorithm).update(payload).digest("hex")])
  const origin: StatedOrigin = compact({ url, ...(Object.fromEntries([...stated, ...computed]) as StatedOrigin) })
  return Object.keys(origin).length === 0 ? [] : [origin]
}
