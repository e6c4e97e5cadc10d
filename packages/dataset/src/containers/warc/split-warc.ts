/**
 * Cuts a WARC file into its records.
 *
 * Source: WARC 1.1 (ISO 28500:2017), sections 4 (file and record model) and 5.3 (Content-Length).
 * @module
 */
import { ShardError } from "@nightlight/core"
import type { Fragment } from "../records/fragments.ts"
import { parseFields } from "./fields.ts"

const FEED = 0x0a
const RETURN = 0x0d
const VERSION = /^WARC\/\d\.\d{1,3}\r?\n/
/** Enough for any number of bytes that a file may have. */
const LENGTH = /^\d{1,15}$/

/**
 * Cuts a WARC file that arrives in chunks: a record is its header and its block; the line ends that
 * follow are its tail.
 *
 * @param headerBytes - Longest header; a longer one is `shard_limit`.
 * @throws {ShardError} `shard_malformed` where no record begins, or one is cut short or states no usable length;
 * `shard_unsafe` where it states two lengths.
 */
export async function* splitWarc(
  chunks: AsyncIterable<Uint8Array>,
  headerBytes: number,
): AsyncGenerator<Fragment, void> {
  const input = chunks[Symbol.asyncIterator]()
  let held: Uint8Array = new Uint8Array()
  let isFirst = true
  const fill = async (): Promise<boolean> => {
    const next = await input.next()
    if (next.done === true) return false
    held = held.length === 0 ? next.value : Buffer.concat([held, next.value])
    return true
  }
  try {
    for (;;) {
      // Empty lines belong to the record before; a file may begin with some as well.
      let spaces = lineEnds(held)
      while (spaces === held.length && (await fill())) spaces = lineEnds(held)
      if (spaces > 0) yield { kind: isFirst ? "frame" : "tail", bytes: held.subarray(0, spaces) }
      isFirst = false
      held = held.subarray(spaces)
      if (held.length === 0) return
      let length = headerEnd(held)
      while (length === undefined) {
        if (held.length > headerBytes) throw new ShardError("shard_limit", "the header of a WARC record is too large")
        if (!(await fill())) throw cutShort()
        length = headerEnd(held)
      }
      const header = held.subarray(0, length)
      held = held.subarray(length)
      let missing = lengthOf(header)
      yield { kind: "record", bytes: header }
      while (missing > 0) {
        if (held.length === 0 && !(await fill())) throw cutShort()
        const bytes = held.subarray(0, missing)
        held = held.subarray(bytes.length)
        missing -= bytes.length
        yield { kind: "record", bytes }
      }
      yield { kind: "record", bytes: new Uint8Array(), isEnd: true }
    }
  } finally {
    await input.return?.()
  }
}

function lineEnds(bytes: Uint8Array): number {
  let count = 0
  while (bytes[count] === FEED || bytes[count] === RETURN) count++
  return count
}

/** Length of a header with the empty line that ends it. */
export function headerEnd(bytes: Uint8Array): number | undefined {
  for (let feed = bytes.indexOf(FEED); feed !== -1; feed = bytes.indexOf(FEED, feed + 1)) {
    if (bytes[feed + 1] === FEED) return feed + 2
    if (bytes[feed + 1] === RETURN && bytes[feed + 2] === FEED) return feed + 3
  }
  return undefined
}

function lengthOf(header: Uint8Array): number {
  const text = Buffer.from(header.buffer, header.byteOffset, header.length).toString("latin1")
  if (!VERSION.test(text)) throw new ShardError("shard_malformed", "expected a WARC record")
  const lengths = parseFields(text).filter(([name]) => name === "content-length")
  const [first] = lengths
  if (first === undefined || !LENGTH.test(first[1])) {
    throw new ShardError("shard_malformed", "expected the length of a WARC record")
  }
  if (lengths.length > 1) throw new ShardError("shard_unsafe", "a WARC record states two lengths: readers differ")
  return Number(first[1])
}

function cutShort(): ShardError {
  return new ShardError("shard_malformed", "a WARC file is cut short")
}
