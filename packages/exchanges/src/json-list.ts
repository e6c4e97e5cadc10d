import type { ListItem } from "@nightlight/core"
import { holdsHash } from "./hash-like.ts"
import { JsonRowReader } from "./json-row.ts"
import { isSpace, JsonValueScanner } from "./json-value.ts"
import type { ListFormat } from "./list-format.ts"
import type { ListParser } from "./list-parser.ts"
import { listMalformed } from "./malformed.ts"

/** The reader's position in `[...]` or `{"entries": [...], ...}`. */
type State =
  | "start"
  | "key"
  | "keyOrClose"
  | "colon"
  | "member"
  | "memberEnd"
  | "entry"
  | "entryOrClose"
  | "entryEnd"
  | "done"

const COMMA = 0x2c
const COLON = 0x3a

/**
 * Reads a JSON array of entries, or an object whose member `entries` is one, one entry at a time. Members `trust`,
 * `radius`, `as_of` and `terms` of the object before `entries` apply to every entry.
 */
export class JsonListParser implements ListParser {
  readonly #rows = new JsonRowReader()
  readonly #value = new JsonValueScanner()
  #state: State = "start"
  #scanning = false
  #inObject = false
  #sawEntries = false
  #key = ""
  #entry = 0

  push(bytes: Uint8Array, into: ListItem[]): void {
    let offset = 0
    while (offset < bytes.length) {
      const byte = bytes[offset]
      if (this.#scanning) {
        offset = this.#value.scan(bytes, offset)
        if (offset < 0) return
        this.#scanning = false
        this.#finish(into)
      } else if (byte === undefined || isSpace(byte)) offset++
      else offset += this.#step(byte)
    }
  }

  end(): void {
    if (this.#state !== "done") throw listMalformed("the JSON is cut off", Math.max(1, this.#entry))
    if (this.#inObject && !this.#sawEntries) throw listMalformed('expected a member "entries"')
  }

  /** Handles a byte outside all values. Returns the number of bytes consumed: 0 where a value begins. */
  #step(byte: number): 0 | 1 {
    const mark = String.fromCharCode(byte)
    switch (this.#state) {
      case "start":
        this.#inObject = mark === "{"
        return this.#go(mark === "[" ? "entryOrClose" : mark === "{" ? "keyOrClose" : undefined)
      case "keyOrClose":
      case "key":
        if (mark === "}" && this.#state === "keyOrClose") return this.#go("done")
        return mark === '"' ? this.#begin(byte) : this.#go(undefined)
      case "colon":
        return this.#go(byte === COLON ? "member" : undefined)
      case "member":
        if (this.#key === "entries") {
          if (this.#sawEntries) throw listMalformed('expected only one member "entries"')
          this.#sawEntries = true
          return this.#go(mark === "[" ? "entryOrClose" : undefined)
        }
        return this.#begin(byte)
      case "memberEnd":
        return this.#go(byte === COMMA ? "key" : mark === "}" ? "done" : undefined)
      case "entryOrClose":
      case "entry":
        if (mark === "]" && this.#state === "entryOrClose") return this.#closeEntries()
        return this.#begin(byte)
      case "entryEnd":
        return byte === COMMA ? this.#go("entry") : mark === "]" ? this.#closeEntries() : this.#go(undefined)
      case "done":
        return this.#go(undefined)
      default:
        return this.#state satisfies never
    }
  }

  #closeEntries(): 1 {
    return this.#go(this.#inObject ? "memberEnd" : "done")
  }

  #go(next: State | undefined): 1 {
    if (next === undefined) throw listMalformed("expected a JSON entry", Math.max(1, this.#entry))
    this.#state = next
    return 1
  }

  #begin(byte: number): 0 {
    // These bytes begin no value, so scanning one would not advance the position.
    if (byte === COMMA || byte === COLON || byte === 0x5d || byte === 0x7d) this.#go(undefined)
    this.#value.begin(byte)
    this.#scanning = true
    return 0
  }

  /** Handles the value that was just scanned. */
  #finish(into: ListItem[]): void {
    const text = this.#value.text()
    if (this.#state === "entry" || this.#state === "entryOrClose") {
      this.#entry++
      if (text !== undefined) this.#rows.read(text, this.#entry, into)
      else {
        const reason = this.#value.tooLong ? "line_too_long" : "not_parsed"
        into.push({ ok: false, bad: { line: this.#entry, reason } })
      }
      this.#state = "entryEnd"
    } else if (this.#state === "member") {
      this.#member(text, into)
      this.#state = "memberEnd"
    } else {
      this.#key = String(parsed(text))
      this.#state = "colon"
    }
  }

  #member(text: string | undefined, into: ListItem[]): void {
    if (!["trust", "radius", "as_of", "asOf", "terms"].includes(this.#key)) {
      // Count hashes outside the entries: a list in another form must not look like a small one.
      if (this.#value.isContainer && (text === undefined || holdsHash(parsed(text), false))) {
        into.push({ ok: false, bad: { line: Math.max(1, this.#entry), reason: "field_unread" } })
      }
      return
    }
    if (this.#sawEntries) throw listMalformed("expected trust, radius, as_of and terms before entries")
    this.#rows.setDefault(this.#key, parsed(text))
  }
}

/** Parses a small value. */
function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "")
  } catch {
    throw listMalformed("expected valid JSON outside the entries")
  }
}

/** A list as one JSON document. */
export const json: ListFormat = {
  title: "JSON",
  detect: ({ line }) => line.startsWith("[") || line.startsWith("{"),
  createParser: () => new JsonListParser(),
}
