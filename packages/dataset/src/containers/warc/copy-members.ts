/**
 * Copies the members of a compressed WARC file as they are, where each record has members of its own.
 * @module
 */

import type { StoredFile } from "../../stores/store.ts"
import type { ByteRange } from "../compression/copy-ranges.ts"
import { copyRanges, digestSource } from "../compression/copy-ranges.ts"
import type { Compression } from "../compression/format.ts"
import { compressedParts } from "../compression/inflate.ts"
import type { CompressedMember } from "../compression/parts.ts"
import type { ShardCopy } from "../container.ts"
import type { Fragment } from "../records/fragments.ts"
import { rewriteRecords } from "../records/rewrite-records.ts"
import type { Sink } from "../sink.ts"
import { splitWarc } from "./split-warc.ts"

/** A compressed WARC file that is rewritten. */
export interface WarcRewrite {
  readonly source: StoredFile
  readonly compression: Compression
  readonly copy: ShardCopy
}

interface Placed extends CompressedMember {
  /** Offset of its data in the inflated file. */
  readonly inflatedStart: number
}

/**
 * Copies the members of kept records byte for byte, after verifying every record.
 *
 * @returns whether it did; if not, nothing was written: records share members, or a member holds more than its data.
 * @throws {DependencyError} `source_changed` if a record does not have its digest, or the file changed meanwhile.
 */
export async function copyKeptMembers(
  { source, compression, copy }: WarcRewrite,
  sink: Sink,
  signal: AbortSignal,
): Promise<boolean> {
  const { limits, decision } = copy
  const expectedSha256 = await digestSource(source)
  const members: Placed[] = []
  const recordStarts: number[] = []
  let inflatedBytes = 0
  let inflatedStart = 0
  async function* inflated(): AsyncGenerator<Uint8Array, void> {
    for await (const part of compressedParts({ source, compression }, limits, signal)) {
      if (part.kind === "data") {
        inflatedBytes += part.bytes.length
        yield part.bytes
      } else {
        members.push({ ...part.member, inflatedStart })
        inflatedStart = inflatedBytes
      }
    }
  }
  const fragments = noteStarts(splitWarc(inflated(), limits.headerBytes), recordStarts)
  for await (const _ of rewriteRecords(fragments, decision.kept)) signal.throwIfAborted()
  const starts = new Map(members.map((member) => [member.inflatedStart, member]))
  const isAligned = recordStarts.every((start) => starts.has(start)) && (recordStarts[0] ?? 0) === 0
  if (!isAligned || members.some(({ isPlain }) => !isPlain)) return false
  const ranges: ByteRange[] = []
  let record = -1
  for (const member of members) {
    while (record + 1 < recordStarts.length && (recordStarts[record + 1] as number) <= member.inflatedStart) record++
    if (decision.kept[record] !== undefined) ranges.push(member)
  }
  await copyRanges(source, { ranges, expectedSha256 }, sink)
  return true
}

/** Passes fragments on and notes at which offset each record begins. */
async function* noteStarts(fragments: AsyncIterable<Fragment>, starts: number[]): AsyncGenerator<Fragment, void> {
  let offset = 0
  let isInRecord = false
  for await (const fragment of fragments) {
    if (fragment.kind === "record" && !isInRecord) starts.push(offset)
    if (fragment.kind === "record") isInRecord = fragment.isEnd !== true
    offset += fragment.bytes.length
    yield fragment
  }
}
