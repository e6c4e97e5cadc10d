import type { BadRecord, ListItem } from "@nightlight/core"
import { tryParseJson } from "@nightlight/core"
import { FOREIGN, IGNORED, mayHoldHashes, meaningOf, UNREAD } from "./column-names.ts"
import { holdsHash } from "./hash-like.ts"
import { COLUMN, emptyRow, type Row, RowReader } from "./rows.ts"

/** Number of field names whose meaning is cached; a limit, because a list may have a new name in each entry. */
const NAMES_KEPT = 64
/** Entries in which fields of unknown names are searched for hashes. */
const ENTRIES_LOOKED_AT = 1_000

const HASH_COLUMNS: ReadonlySet<number> = new Set([COLUMN.hash, COLUMN.md5, COLUMN.sha1, COLUMN.sha256, COLUMN.pdq])

/**
 * Reads JSON objects as rows. A field's name is a column's name, numbers are read as text, and a hash may be an object
 * `{"hash": ..., "quality": ...}`, as in the output of `nightlight hash --json`.
 */
export class JsonRowReader {
  readonly #rows = new RowReader()
  readonly #row: Row = emptyRow()
  readonly #defaults: Row = []
  readonly #meanings = new Map<string, number>()
  #entries = 0

  /** Sets a default for all objects, from a field of the list around them. */
  setDefault(name: string, value: unknown): void {
    const column = meaningOf(name)
    if (column >= 0) this.#defaults[column] = cell(value)
  }

  /**
   * Parses one JSON object, and adds an item for each hash in it.
   *
   * @throws {RequestError} `list_malformed` when the object states something invalid about the list.
   */
  read(text: string, line: number, into: ListItem[]): void {
    const value = tryParseJson(text)
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      const bad: BadRecord = { line, reason: "not_parsed" }
      into.push({ ok: false, bad })
      return
    }
    this.#entries++
    const row = this.#row
    for (let column = 0; column < row.length; column++) row[column] = this.#defaults[column]
    let [unread, foreign] = [0, 0]
    for (const [name, field] of Object.entries(value)) {
      const meaning = this.#meaningOf(name, field)
      if (HASH_COLUMNS.has(meaning) && row[meaning] !== undefined) unread++
      else if (meaning >= 0) setCell(row, meaning, field)
      else if (meaning === UNREAD && holdsHash(field, true)) unread++
      else if (meaning === FOREIGN && field !== null && field !== "") foreign++
    }
    this.#rows.read(row, line, into)
    for (let i = 0; i < unread; i++) into.push({ ok: false, bad: { line, reason: "field_unread" } })
    for (let i = 0; i < foreign; i++) into.push({ ok: false, bad: { line, reason: "type_unsupported" } })
  }

  #meaningOf(name: string, field: unknown): number {
    const known = this.#meanings.get(name)
    const meaning = known ?? meaningOf(name)
    const isSuspect =
      meaning === IGNORED && this.#entries <= ENTRIES_LOOKED_AT && mayHoldHashes(name) && holdsHash(field, false)
    const told = isSuspect ? UNREAD : meaning
    if (told !== known && (known !== undefined || this.#meanings.size < NAMES_KEPT)) this.#meanings.set(name, told)
    return told
  }
}

function setCell(row: Row, column: number, field: unknown): void {
  if (!HASH_COLUMNS.has(column) || typeof field !== "object" || field === null || !("hash" in field)) {
    row[column] = cell(field)
    return
  }
  row[column] = cell(field.hash) ?? null
  if ("quality" in field) row[column === COLUMN.pdq ? COLUMN.pdq_quality : COLUMN.quality] = cell(field.quality)
}

/** A field as a cell: `undefined` where it is empty, `null` where it is neither text nor a number. */
function cell(value: unknown): Row[number] {
  if (typeof value === "string") return value
  if (typeof value === "number") return String(value)
  return value === null || value === undefined ? undefined : null
}
