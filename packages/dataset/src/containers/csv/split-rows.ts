/**
 * Cuts a table in text into its rows.
 *
 * Source: RFC 4180; a quote opens a cell only at its start, and may enclose line ends.
 * @module
 */
import { type Fragment, type Splitter, withoutMark } from "../records/fragments.ts"

const QUOTE = 0x22
const FEED = 0x0a
const RETURN = 0x0d

/** Where a byte stands: at the start of a cell, in a bare one, in quotes, or behind a quote that may close them. */
type State = "start" | "bare" | "quoted" | "closing"

/** Makes the splitter into rows. A row's line end is its tail; blank lines are frames; a quote that is never closed takes all that follows. */
export function rowSplitter(separator: number): Splitter {
  return async function* splitRows(chunks): AsyncGenerator<Fragment, void> {
    let state: State = "start"
    let isInRow = false
    for await (const { bytes, isMark } of withoutMark(chunks)) {
      if (isMark) {
        yield { kind: "frame", bytes }
        continue
      }
      let start = 0
      for (let at = 0; at < bytes.length; at++) {
        const byte = bytes[at] as number
        if (!isInRow) {
          if (byte === FEED || byte === RETURN) continue
          if (at > start) yield { kind: "frame", bytes: bytes.subarray(start, at) }
          start = at
          isInRow = true
          state = "start"
        }
        if (state === "quoted") {
          if (byte === QUOTE) state = "closing"
          continue
        }
        if (byte === FEED) {
          yield { kind: "record", bytes: bytes.subarray(start, at), isEnd: true }
          yield { kind: "tail", bytes: bytes.subarray(at, at + 1) }
          start = at + 1
          isInRow = false
        } else if (byte === QUOTE) state = state === "bare" ? "bare" : "quoted"
        else state = byte === separator ? "start" : "bare"
      }
      if (start < bytes.length) yield { kind: isInRow ? "record" : "frame", bytes: bytes.subarray(start) }
    }
    if (isInRow) yield { kind: "record", bytes: new Uint8Array(), isEnd: true }
  }
}
