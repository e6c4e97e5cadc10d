/**
 * Takes several records of a text as one, where there are more than a shard may have items.
 * @module
 */
import type { RandomSource } from "../../readers/source.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import type { Compression } from "../compression/format.ts"
import { inflateHead } from "../compression/inflate-head.ts"
import type { Fragment } from "./fragments.ts"

/**
 * Joins each `size` records that follow one another into one, with what stands between them. The last group may be
 * smaller, and ends with what follows its last record.
 */
export async function* groupRecords(fragments: AsyncIterable<Fragment>, size: number): AsyncGenerator<Fragment, void> {
  let count = 0
  let isOpen = false
  for await (const fragment of fragments) {
    const { kind, bytes, isEnd } = fragment
    if (!isOpen && kind !== "record") {
      yield fragment
      continue
    }
    isOpen = true
    if (isEnd === true) count++
    if (count < size) {
      yield { kind: "record", bytes }
    } else {
      yield { kind: "record", bytes, isEnd: true }
      count = 0
      isOpen = false
    }
  }
  if (isOpen) yield { kind: "record", bytes: new Uint8Array(), isEnd: true }
}

/** The records of a group of lines; white space around them may stay, blank lines do not. */
export function recordsOfGroup(bytes: Buffer): readonly Buffer[] {
  const records: Buffer[] = []
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(FEED, start)
    const end = feed === -1 ? bytes.length : feed
    const line = bytes.subarray(start, end)
    if (line.some((byte) => !SPACES.includes(byte))) records.push(line)
    start = end + 1
  }
  return records
}

const FEED = 0x0a
const SPACES = Buffer.from(" \t\r")
const CLOSE_OBJECT = 0x7d
const HEAD_BYTES = 256 * 1024

/**
 * How many lines of a file are one item, so that there are at most half as many as a shard may have items: one, unless it
 * has more. All lines are counted only where its beginning does not rule that out.
 *
 * @param countAll - Counts the file's records.
 */
export async function groupSizeOf(
  { source, compression }: { readonly source: RandomSource; readonly compression: Compression | undefined },
  limits: ReaderLimits,
  countAll: () => Promise<number>,
): Promise<number> {
  const most = Math.max(1, Math.floor(limits.items / 2))
  const head = await source.read(0, Math.min(HEAD_BYTES, source.sizeBytes))
  const text = compression === undefined ? head : inflateHead(head, compression)
  // Each record but a bare array has at least one such byte; a head that is all of the file is exact enough.
  const records = (text ?? head).reduce((count, byte) => count + (byte === CLOSE_OBJECT || byte === FEED ? 1 : 0), 1)
  const estimate = (records * source.sizeBytes) / Math.max(1, head.length)
  if (estimate * 2 <= most) return 1
  return Math.max(1, Math.ceil((await countAll()) / most))
}
