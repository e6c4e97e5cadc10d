/**
 * Addresses, folders and hosts, one on each line.
 * @module
 */
import { type ListItem, urlEntryKey } from "@nightlight/core"
import { LineReader } from "./lines.ts"
import type { ListFormat } from "./list-format.ts"
import type { ListParser } from "./list-parser.ts"
import { COLUMN, emptyRow, RowReader } from "./rows.ts"

/** Reads a list with one address on each line; blank lines and those that begin with `#` are skipped. */
class UrlLinesParser implements ListParser {
  readonly #rows = new RowReader()
  readonly #row = emptyRow()
  #into: ListItem[] = []
  readonly #lines = new LineReader({
    line: (text, number) => {
      const entry = text.trim()
      if (entry === "" || entry.startsWith("#")) return
      this.#row[COLUMN.url] = entry
      this.#rows.read(this.#row, number, this.#into)
    },
    fault: (reason, line) => void this.#into.push({ ok: false, bad: { line, reason } }),
  })

  // `push` and `end` as the other parsers of lines have them.
  push(bytes: Uint8Array, into: ListItem[]): void {
    this.#into = into
    this.#lines.push(bytes)
  }

  end(into: ListItem[]): void {
    this.#into = into
    this.#lines.end()
  }
}

/** A list of addresses, folders and hosts. */
export const urlLines: ListFormat = {
  title: "addresses, one on each line",
  detect: ({ text }) => {
    const first = text.split("\n", MAX_COMMENTS).find((line) => line.trim() !== "" && !line.trim().startsWith("#"))
    return first !== undefined && !/[,\t;"{]/.test(first) && urlEntryKey(first) !== undefined
  },
  createParser: () => new UrlLinesParser(),
}

/** Lines among which the first entry is looked for. */
const MAX_COMMENTS = 1_000
