import type { BadRecord, ListItem } from "@nightlight/core"
import { columnNamed, emptyRow, type Row, RowReader } from "./rows.ts"

/** Field names whose column is remembered: a list whose every name is new must not fill memory. */
const NAMES_KEPT = 64

/** Reads JSON objects as rows: a field's name is a column's name, numbers are read as text. */
export class JsonRowReader {
  readonly #rows = new RowReader()
  readonly #row: Row = emptyRow()
  readonly #defaults: Row = []
  readonly #columns = new Map<string, number>()

  /** Sets what an object that does not say it itself is taken to say: the fields of the list around it. */
  setDefault(name: string, value: unknown): void {
    const column = columnNamed(name)
    if (column >= 0) this.#defaults[column] = cell(value)
  }

  /**
   * Reads the text of one JSON object into an item for each hash in it.
   *
   * @throws {RequestError} `list_malformed` when the object says something of the list that cannot be.
   */
  read(text: string, line: number, into: ListItem[]): void {
    const value = parse(text)
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      const bad: BadRecord = { line, reason: "not_parsed" }
      into.push({ ok: false, bad })
      return
    }
    const row = this.#row
    for (let column = 0; column < row.length; column++) row[column] = this.#defaults[column]
    for (const [name, field] of Object.entries(value)) {
      const column = this.#columnOf(name)
      if (column >= 0) row[column] = cell(field)
    }
    this.#rows.read(row, line, into)
  }

  #columnOf(name: string): number {
    const known = this.#columns.get(name)
    if (known !== undefined) return known
    const column = columnNamed(name)
    if (this.#columns.size < NAMES_KEPT) this.#columns.set(name, column)
    return column
  }
}

function cell(value: unknown): string | undefined {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined
}

/** The value, or `undefined` where the text is not JSON: the parser's own error would quote it. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
