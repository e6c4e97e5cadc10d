/**
 * Texts of many records, cut into the fragments that a rewrite keeps or drops.
 * @module
 */

/**
 * A piece of a text of records, in order; all pieces together are the text.
 *
 * - `frame`: belongs to no record and always stays: a byte order mark, blank lines, an array's brackets.
 * - `lead`: stands before a record, and stays where a record before it stays: the comma of an array.
 * - `record`: content of a record, in one piece or several; `isEnd` marks its last one, which may be empty.
 * - `tail`: follows a record and stays with it: its line end.
 */
export interface Fragment {
  readonly kind: "frame" | "lead" | "record" | "tail"
  /** A view that is valid until the next fragment is asked for, unless its chunk stays in memory. */
  readonly bytes: Uint8Array
  readonly isEnd?: true
}

/** Cuts a text that arrives in chunks. @throws {ShardError} `shard_malformed` if it has no such records. */
export type Splitter = (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Fragment, void>

const FEED = 0x0a
const RETURN = 0x0d
const BYTE_ORDER_MARK = Buffer.from("\ufeff")

/** Whether a byte is JSON's white space. */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === FEED || byte === RETURN
}

/** Yields chunks, none of them empty, the first without a byte order mark and at least 4 bytes long if there are so many. */
export async function* withoutMark(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly isMark: boolean }, void> {
  let head: Uint8Array | undefined = new Uint8Array()
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    if (head === undefined) {
      yield { bytes: chunk, isMark: false }
      continue
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
    if (head.length < BYTE_ORDER_MARK.length) continue
    yield* cutMark(head)
    head = undefined
  }
  if (head !== undefined && head.length > 0) yield* cutMark(head)
}

function* cutMark(head: Uint8Array): Generator<{ readonly bytes: Uint8Array; readonly isMark: boolean }, void> {
  const length = BYTE_ORDER_MARK.length
  const isMarked = BYTE_ORDER_MARK.equals(head.subarray(0, length))
  if (isMarked) yield { bytes: head.subarray(0, length), isMark: true }
  const rest = isMarked ? head.subarray(length) : head
  if (rest.length > 0) yield { bytes: rest, isMark: false }
}

/**
 * Cuts a text into lines. White space before a line's content, and lines without content, are frames; a line end, with
 * the return before it, is the tail of its record.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Fragment, void> {
  let isInLine = false
  // A return that ends a chunk may belong to the line end or to the line.
  let held: Uint8Array | undefined
  for await (const { bytes: chunk, isMark } of withoutMark(chunks)) {
    if (isMark) {
      yield { kind: "frame", bytes: chunk }
      continue
    }
    const bytes = held === undefined ? chunk : Buffer.concat([held, chunk])
    held = undefined
    for (let start = 0; start < bytes.length; ) {
      if (!isInLine) {
        const content = contentStart(bytes, start)
        if (content > start) yield { kind: "frame", bytes: bytes.subarray(start, content) }
        start = content
        isInLine = start < bytes.length
        continue
      }
      const feed = bytes.indexOf(FEED, start)
      if (feed === -1) {
        const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length
        if (end > start) yield { kind: "record", bytes: bytes.subarray(start, end) }
        if (end < bytes.length) held = Buffer.from(bytes.subarray(end))
        break
      }
      const end = feed > start && bytes[feed - 1] === RETURN ? feed - 1 : feed
      yield { kind: "record", bytes: bytes.subarray(start, end), isEnd: true }
      yield { kind: "tail", bytes: bytes.subarray(end, feed + 1) }
      isInLine = false
      start = feed + 1
    }
  }
  if (!isInLine) return
  yield { kind: "record", bytes: new Uint8Array(), isEnd: true }
  if (held !== undefined) yield { kind: "tail", bytes: held }
}

function contentStart(bytes: Uint8Array, from: number): number {
  let start = from
  while (start < bytes.length && isSpace(bytes[start])) start++
  return start
}
