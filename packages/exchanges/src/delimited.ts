/**
 * CSV (RFC 4180) and TSV with a header line.
 * @module
 */
import type { BadRecord, ListItem } from "@nightlight/core"
import { FOREIGN, IGNORED, mayHoldHashes, meaningOf, UNREAD } from "./column-names.ts"
import { splitCells } from "./delimited-cells.ts"
import { holdsHash } from "./hash-like.ts"
import { LINE_LIMIT_BYTES, LineReader } from "./lines.ts"
import type { ListFormat } from "./list-format.ts"
import type { ListParser } from "./list-parser.ts"
import { listMalformed } from "./malformed.ts"
import { COLUMN, emptyRow, type Row, RowReader } from "./rows.ts"

/** Most lines that one quoted record may span, so that a stray quotation mark loses only its own line. */
const RECORD_LINES = 16

/** Rows in which cells of unknown columns are searched for hashes. */
const ROWS_LOOKED_AT = 1_000

const HASH_COLUMNS: ReadonlySet<number> = new Set([
  COLUMN.hash,
  COLUMN.md5,
  COLUMN.sha1,
  COLUMN.sha256,
  COLUMN.pdq,
  COLUMN.url,
])

interface Line {
  readonly text: string
  readonly number: number
}

/**
 * Reads a delimited list. Finds columns by the header's names, and ignores unknown ones unless they contain hashes,
 * which it counts as bad records.
 */
export class DelimitedParser implements ListParser {
  readonly #delimiter: string
  readonly #lines: LineReader
  readonly #rows = new RowReader()
  readonly #row: Row = emptyRow()
  readonly #cells: string[] = []
  /** Meaning of each cell by its position; `undefined` before the header. */
  #columns: number[] | undefined
  /** Positions of ignored cells that may contain hashes, to be checked in the first rows. */
  #suspects: number[] = []
  #rowsLeft = ROWS_LOOKED_AT
  /** Lines of a record whose quoted cell is still open. */
  #open: Line[] = []
  #into: ListItem[] = []

  constructor(delimiter: "," | "\t") {
    this.#delimiter = delimiter
    this.#lines = new LineReader({
      line: (text, number) => this.#take({ text, number }),
      fault: (reason, number) => this.#fault(reason, number),
    })
  }

  push(bytes: Uint8Array, into: ListItem[]): void {
    this.#into = into
    this.#lines.push(bytes)
  }

  end(into: ListItem[]): void {
    this.#into = into
    this.#lines.end()
    while (this.#open.length > 0) this.#giveUp()
    if (this.#columns === undefined) throw listMalformed("expected a header line")
  }

  #fault(reason: BadRecord["reason"], line: number): void {
    while (this.#open.length > 0) this.#giveUp()
    if (this.#columns === undefined) throw listMalformed("expected a header line", line)
    this.#into.push({ ok: false, bad: { line, reason } })
  }

  #take(line: Line): void {
    if (this.#open.length > 0) {
      this.#open.push(line)
      this.#retry()
    } else if (line.text === "") {
      // Skip a blank line.
    } else if (this.#columns === undefined) this.#header(line)
    else if (line.text.includes('"')) this.#withQuotes(line, this.#columns)
    else this.#plain(line, this.#columns)
  }

  #withQuotes(line: Line, columns: readonly number[]): void {
    const outcome = splitCells(line.text, this.#delimiter, this.#cells)
    if (outcome === "whole") this.#quoted(line.number, columns)
    else if (outcome === "open") this.#open = [line]
    else this.#fault("not_parsed", line.number)
  }

  /** Tries the open record again with the line just added. */
  #retry(): void {
    const [first] = this.#open
    if (first === undefined || this.#columns === undefined) return
    const text = this.#open.map((line) => line.text).join("\n")
    const outcome = text.length > LINE_LIMIT_BYTES ? "malformed" : splitCells(text, this.#delimiter, this.#cells)
    if (outcome === "whole") {
      this.#open = []
      this.#quoted(first.number, this.#columns)
    } else if (outcome === "malformed" || this.#open.length >= RECORD_LINES) this.#giveUp()
  }

  /** Counts the line that opened the record as bad, and reads the following lines without it. */
  #giveUp(): void {
    const [first, ...rest] = this.#open
    this.#open = []
    if (first !== undefined) this.#into.push({ ok: false, bad: { line: first.number, reason: "not_parsed" } })
    for (const line of rest) this.#take(line)
  }

  #header({ text, number }: Line): void {
    if (splitCells(text, this.#delimiter, this.#cells) !== "whole")
      throw listMalformed("expected a header line", number)
    const columns = this.#cells.map(meaningOf)
    const ours = columns.filter((column) => column >= 0)
    if (!ours.some((column) => HASH_COLUMNS.has(column))) {
      throw listMalformed("expected a header line that names a column hash, md5, sha1, sha256, pdq or url", number)
    }
    if (new Set(ours).size !== ours.length) throw listMalformed("expected each column only once in the header", number)
    this.#columns = columns
    this.#suspects = this.#cells.flatMap((name, position) =>
      columns[position] === IGNORED && mayHoldHashes(name) ? [position] : [],
    )
  }

  #plain({ text, number }: Line, columns: readonly number[]): void {
    if (this.#rowsLeft > 0 || columns.some((column) => column < IGNORED)) {
      splitCells(text, this.#delimiter, this.#cells)
      this.#quoted(number, columns)
      return
    }
    const row = this.#row
    row.fill(undefined)
    let start = 0
    for (const column of columns) {
      const end = text.indexOf(this.#delimiter, start)
      if (column >= 0) row[column] = end < 0 ? text.slice(start) : text.slice(start, end)
      if (end < 0) break
      start = end + 1
    }
    this.#rows.read(row, number, this.#into)
  }

  #quoted(number: number, columns: readonly number[]): void {
    const row = this.#row
    row.fill(undefined)
    for (const [position, column] of columns.entries()) if (column >= 0) row[column] = this.#cells[position]
    this.#rows.read(row, number, this.#into)
    if (this.#rowsLeft > 0) this.#checkSuspects()
    for (const [position, column] of columns.entries()) {
      if (column < IGNORED) this.#countUnread(this.#cells[position] ?? "", column, number)
    }
  }

  /**
   * Marks ignored columns that turn out to contain hashes; after the first rows, drops the columns after the last used
   * one.
   */
  #checkSuspects(): void {
    const columns = this.#columns
    if (columns === undefined) return
    this.#suspects = this.#suspects.filter((position) => {
      const isHash = holdsHash(this.#cells[position], false)
      if (isHash) columns[position] = UNREAD
      return !isHash
    })
    if (--this.#rowsLeft === 0) columns.length = columns.findLastIndex((column) => column !== IGNORED) + 1
  }

  #countUnread(cell: string, column: number, line: number): void {
    if (column === FOREIGN ? cell.trim() === "" : !holdsHash(cell, true)) return
    this.#into.push({ ok: false, bad: { line, reason: column === FOREIGN ? "type_unsupported" : "field_unread" } })
  }
}

/** Comma-separated values; also reads any text that no other format accepts. */
export const csv: ListFormat = {
  title: "CSV with a header such as hash,type,category",
  detect: () => true,
  createParser: () => new DelimitedParser(","),
}

/** Tab-separated. */
export const tsv: ListFormat = {
  title: "TSV with the same header",
  detect: ({ line }) => line.includes("\t"),
  createParser: () => new DelimitedParser("\t"),
}
