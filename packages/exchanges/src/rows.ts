import type { BadRecord, HashType, ListAttributes, ListItem } from "@nightlight/core"
import { parseAttributes } from "./attributes.ts"
import { cleanText } from "./clean-text.ts"
import { parseEntry, parseHashType, typeOfLength } from "./hash-text.ts"
import { listMalformed } from "./malformed.ts"

/** Longest category and id that are kept, characters. */
export const WORD_LENGTH = 200

/** The columns and fields a list may have, by name; a column named after a type holds hashes of that type. */
export const COLUMNS = [
  "hash",
  "type",
  "category",
  "id",
  "quality",
  "trust",
  "radius",
  "as_of",
  "terms",
  "md5",
  "sha1",
  "sha256",
  "pdq",
  "pdq_quality",
  "url",
] as const

/** One of {@link COLUMNS}. */
export type Column = (typeof COLUMNS)[number]

/** Position of each column in a {@link Row}. */
export const COLUMN = Object.fromEntries(COLUMNS.map((name, index) => [name, index])) as Readonly<
  Record<Column, number>
>

/**
 * One row's cells as text by {@link COLUMN}; absent and empty mean the same; `null` is a cell that is present but is
 * neither text nor a number. Reused from row to row.
 */
export type Row = (string | null | undefined)[]

/** An empty row. */
export function emptyRow(): Row {
  return COLUMNS.map(() => undefined)
}

const TYPED_COLUMNS: readonly (readonly [number, HashType])[] = (["md5", "sha1", "sha256", "pdq"] as const).map(
  (type) => [COLUMN[type], type],
)

const WORD_COLUMNS: readonly number[] = [COLUMN.category, COLUMN.id, COLUMN.quality, COLUMN.pdq_quality]

/** Turns rows into list items; caches values that repeat from row to row, for speed on ten million rows. */
export class RowReader {
  #typeText = ""
  #type: HashType | "unsupported" | undefined
  #categories = new Map<string, string>()
  #attributeCells: readonly Row[number][] = [undefined, undefined, undefined, undefined]
  #attributes: ListAttributes | undefined

  /**
   * Reads one row: adds an item for each hash in it, or one that reports the fault.
   *
   * @param line - number from 1 that names the row.
   * @throws {RequestError} `list_malformed` when the row states something invalid about the list.
   */
  read(row: Row, line: number, into: ListItem[]): void {
    const before = into.length
    const hash = row[COLUMN.hash]
    if (hash === null || (hash && row[COLUMN.type] === null)) into.push(bad(line, "field_malformed"))
    else if (hash) this.#readHash(hash, this.#rowType(row[COLUMN.type], hash), { row, line, into })
    for (const [column, type] of TYPED_COLUMNS) {
      const typed = row[column]
      if (typed === null) into.push(bad(line, "field_malformed", type))
      else if (typed) this.#readHash(typed, type, { row, line, into })
    }
    // Beside a hash, an address says where the file was found, and is no entry.
    const url = row[COLUMN.url]
    if (into.length === before && url === null) into.push(bad(line, "field_malformed", "url"))
    else if (into.length === before && url) this.#readHash(url, "url", { row, line, into })
    if (into.length === before) into.push(bad(line, "fields_missing"))
    // The entry keeps its hashes, and loses only the malformed field.
    for (const column of WORD_COLUMNS) if (row[column] === null) into.push(bad(line, "field_malformed"))
  }

  #readHash(text: string, type: HashType | "unsupported" | undefined, place: Place): void {
    const { row, line, into } = place
    if (type === undefined) return void into.push(bad(line, "type_unknown"))
    if (type === "unsupported") return void into.push(bad(line, "type_unsupported"))
    const hash = parseEntry(text, type)
    if (hash === undefined) return void into.push(bad(line, "hash_malformed", type))
    const id = row[COLUMN.id]
    const quality = (type === "pdq" && row[COLUMN.pdq_quality]) || row[COLUMN.quality]
    const attributes = this.#rowAttributes(row, line)
    const record: { -readonly [Key in keyof Kept]: Kept[Key] } = {
      hashType: type,
      hash,
      category: this.#category(row[COLUMN.category]),
    }
    if (id) {
      const clean = cleanText(id, WORD_LENGTH)
      if (clean !== "") record.id = clean
    }
    if (quality && /^\s*\d{1,3}\s*$/.test(quality) && Number(quality) <= 100) record.quality = Number(quality)
    into.push(attributes === undefined ? { ok: true, line, record } : { ok: true, line, record, attributes })
  }

  #rowType(text: Row[number], hash: string): HashType | "unsupported" | undefined {
    if (!text || text.trim() === "") return typeOfLength(hash.trim().length)
    if (text !== this.#typeText) {
      this.#typeText = text
      this.#type = parseHashType(text)
    }
    return this.#type
  }

  #category(text: Row[number]): string {
    if (!text) return "unspecified"
    const known = this.#categories.get(text)
    if (known !== undefined) return known
    const category = cleanText(text, WORD_LENGTH) || "unspecified"
    // Limited, because every entry of a list may have a different category.
    if (this.#categories.size < 1_000 && text.length <= WORD_LENGTH) this.#categories.set(text, category)
    return category
  }

  #rowAttributes(row: Row, line: number): ListAttributes | undefined {
    const cells = this.#attributeCells
    const [trust, radius, asOf, terms] = [row[COLUMN.trust], row[COLUMN.radius], row[COLUMN.as_of], row[COLUMN.terms]]
    if (trust === cells[0] && radius === cells[1] && asOf === cells[2] && terms === cells[3]) return this.#attributes
    if (trust === null || radius === null || asOf === null || terms === null) {
      throw listMalformed("expected trust, radius, as_of and terms to be text or numbers", line)
    }
    this.#attributes = parseAttributes({ trust, radius, asOf, terms }, line)
    this.#attributeCells = [trust, radius, asOf, terms]
    return this.#attributes
  }
}

interface Place {
  readonly row: Row
  readonly line: number
  readonly into: ListItem[]
}

type Kept = Extract<ListItem, { ok: true }>["record"]

function bad(line: number, reason: BadRecord["reason"], hashType?: HashType): ListItem {
  return { ok: false, bad: hashType === undefined ? { line, reason } : { line, reason, hashType } }
}
