/**
 * Cuts a JSON array into its elements.
 * @module
 */
import { ShardError } from "@nightlight/core"
import { type Fragment, isSpace, type Splitter, withoutMark } from "./fragments.ts"

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Cuts a text whose first content is `[` into the elements of that array, and any other by another splitter. */
export async function* splitArrayOr(
  other: Splitter,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Fragment, void> {
  const iterator = chunks[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  let first: number | undefined
  try {
    while (first === undefined) {
      const next = await iterator.next()
      if (next.done === true) break
      head.push(next.value)
      first = firstContent(Buffer.concat(head.slice(-2)))
    }
    async function* all(): AsyncGenerator<Uint8Array, void> {
      yield* head
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
    }
    yield* first === OPEN_ARRAY ? splitArray(all()) : other(all())
  } finally {
    await iterator.return?.()
  }
}

/** First byte that is neither white space nor part of a byte order mark. */
function firstContent(bytes: Uint8Array): number | undefined {
  return bytes.find((byte) => !isSpace(byte) && byte !== 0xef && byte !== 0xbb && byte !== 0xbf)
}

/** Position in the array. */
type State = "before" | "first" | "element" | "string" | "escape" | "after" | "next" | "end"

/**
 * Cuts a JSON array into its elements. Brackets, white space before the first and after the last element are frames; a
 * comma with the white space around it is the lead of the element after it. Elements are not checked.
 *
 * @throws {ShardError} `shard_malformed` if it does not end, or something follows its end.
 */
export async function* splitArray(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Fragment, void> {
  let state: State = "before"
  let depth = 0
  /** White space after an element, which belongs to the comma or to the end. */
  let held: Uint8Array[] = []
  for await (const { bytes, isMark } of withoutMark(chunks)) {
    if (isMark) {
      yield { kind: "frame", bytes }
      continue
    }
    let start = 0
    for (let offset = 0; offset < bytes.length; offset++) {
      const byte = bytes[offset] as number
      switch (state) {
        case "string":
          if (byte === BACKSLASH) state = "escape"
          else if (byte === QUOTE) state = "element"
          break
        case "escape":
          state = "string"
          break
        case "element": {
          if (byte === QUOTE) state = "string"
          else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++
          const closes = byte === CLOSE_ARRAY || byte === CLOSE_OBJECT
          const isOuter = depth === 0 && (byte === COMMA || closes || isSpace(byte))
          if (isOuter) {
            yield { kind: "record", bytes: bytes.subarray(start, offset), isEnd: true }
            start = offset
            state = "after"
            offset--
          } else if (closes && --depth === 0) {
            yield { kind: "record", bytes: bytes.subarray(start, offset + 1), isEnd: true }
            start = offset + 1
            state = "after"
          }
          break
        }
        case "after":
          if (byte === COMMA) state = "next"
          else if (byte === CLOSE_ARRAY) {
            for (const space of held) yield { kind: "frame", bytes: space }
            held = []
            state = "end"
          } else if (!isSpace(byte)) throw malformed()
          break
        case "before":
          if (byte === OPEN_ARRAY) state = "first"
          else if (!isSpace(byte)) throw malformed()
          break
        case "first":
        case "next": {
          if (isSpace(byte)) break
          if (byte === CLOSE_ARRAY && state === "first") {
            state = "end"
            break
          }
          if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || byte === COMMA) throw malformed()
          const between = Buffer.concat([...held, bytes.subarray(start, offset)])
          held = []
          yield { kind: state === "first" ? "frame" : "lead", bytes: between }
          start = offset
          depth = 0
          state = "element"
          offset--
          break
        }
        case "end":
          if (!isSpace(byte)) throw malformed()
      }
    }
    const rest = bytes.subarray(start)
    if (rest.length === 0) continue
    if (state === "element" || state === "string" || state === "escape") yield { kind: "record", bytes: rest }
    else if (state === "after" || state === "next") {
      held.push(rest)
      if (held.reduce((sum, part) => sum + part.length, 0) > MAX_SPACE_BYTES) throw malformed()
    } else yield { kind: "frame", bytes: rest }
  }
  if (state !== "end") throw malformed()
}

/** Most white space between two elements. */
const MAX_SPACE_BYTES = 2 ** 22

function malformed(): ShardError {
  return new ShardError("shard_malformed", "expected a JSON array to its end")
}
