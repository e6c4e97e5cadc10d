import type { ListItem } from "@nightlight/core"
import { JsonRowReader } from "./json-row.ts"
import { LineReader } from "./lines.ts"
import type { ListFormat } from "./list-format.ts"
import type { ListParser } from "./list-parser.ts"

/** Reads a list with one JSON object on each line. */
export class NdjsonParser implements ListParser {
  readonly #rows = new JsonRowReader()
  #into: ListItem[] = []
  readonly #lines = new LineReader({
    line: (text, number) => {
      if (text.trim() !== "") this.#rows.read(text, number, this.#into)
    },
    fault: (reason, line) => void this.#into.push({ ok: false, bad: { line, reason } }),
  })

  // `push` and `end` as the delimited parser has them: too little for a class above both.
  push(bytes: Uint8Array, into: ListItem[]): void {
    this.#into = into
    this.#lines.push(bytes)
  }

  end(into: ListItem[]): void {
    this.#into = into
    this.#lines.end()
  }
}

/** A list with one JSON object on each line. */
export const ndjson: ListFormat = {
  title: "NDJSON",
  detect: ({ line }) => line.startsWith("{") && line.endsWith("}") && !hasEntries(line),
  createParser: () => new NdjsonParser(),
}

/** Whether a complete line is an object that contains a list's entries. */
function hasEntries(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === "object" && value !== null && "entries" in value
  } catch {
    return false
  }
}
