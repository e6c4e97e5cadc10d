/**
 * Removes rows from a table whose files are not in the clean copy.
 *
 * Source: Hugging Face `datasets`, `folder_based_builder.py`: `metadata.csv` and `metadata.jsonl` name files in the
 * columns `file_name`, `*_file_name` (one) and `file_names`, `*_file_names` (a list), relative to the table.
 * @module
 */
import { splitCsv } from "./csv-rows.ts"

/** A table without the rows that name a withheld file. */
export interface FilteredTable {
  /** Kept rows byte for byte; the same bytes where nothing was dropped. */
  readonly bytes: Uint8Array
  readonly droppedRows: number
}

/** Whether the file that a row names, relative to the table, is in the clean copy. */
export type HasFile = (relative: string) => boolean

/**
 * Filters a table by its extension; `undefined` where that is not possible: Parquet, or no column known to name files.
 */
export function filterTable(name: string, bytes: Uint8Array, hasFile: HasFile): FilteredTable | undefined {
  if (name.endsWith(".csv")) return filterCsv(bytes, hasFile)
  return name.endsWith(".jsonl") ? filterJsonLines(bytes, hasFile) : undefined
}

/** Columns that name files. */
const COLUMN = /^(?:.*_)?file_names?$/

function filterCsv(bytes: Uint8Array, hasFile: HasFile): FilteredTable | undefined {
  const [header, ...rows] = splitCsv(bytes)
  const columns = (header?.fields ?? []).flatMap((name, index) => (COLUMN.test(name.trim()) ? [index] : []))
  if (header === undefined || columns.length === 0) return undefined
  const kept = rows.filter(({ fields }) => {
    if (isBlank(fields)) return true
    // A record with more or fewer fields than the header may be several records, or half of one.
    return fields.length === header.fields.length && columns.every((column) => isKept(cell(fields[column]), hasFile))
  })
  return join(bytes, [header, ...kept], rows.length - kept.length)
}

/** A list in a CSV cell is JSON or a Python literal. */
function cell(text: string | undefined): unknown {
  if (text === undefined || !text.trimStart().startsWith("[")) return text
  try {
    return JSON.parse(text.replaceAll("'", '"'))
  } catch {
    return undefined
  }
}

function filterJsonLines(bytes: Uint8Array, hasFile: HasFile): FilteredTable {
  const lines = splitLines(bytes)
  const kept = lines.filter((line) => isKeptLine(bytes.subarray(line.start, line.end), hasFile))
  return join(bytes, kept, lines.length - kept.length)
}

function isKeptLine(line: Uint8Array, hasFile: HasFile): boolean {
  const text = Buffer.from(line).toString("utf8").trim()
  if (text === "") return true
  try {
    const row: unknown = JSON.parse(text)
    if (typeof row !== "object" || row === null) return false
    return namesPresentFiles(row, hasFile)
  } catch {
    // An unreadable line may name anything.
    return false
  }
}

/** Whether a column names files. */
export function isFileColumn(name: string): boolean {
  return COLUMN.test(name)
}

/** Whether a row names only files of the copy. */
export function namesPresentFiles(row: object, hasFile: HasFile): boolean {
  return Object.entries(row).every(([key, value]) => !COLUMN.test(key) || isKept(value, hasFile))
}

/** Whether a row's value names only files of the copy. An empty value names none. */
function isKept(value: unknown, hasFile: HasFile): boolean {
  if (value === null || value === "") return true
  if (Array.isArray(value)) return value.every((one) => isKept(one, hasFile))
  return typeof value === "string" && isBelow(value) && hasFile(value.replace(/^(?:\.\/)+/, ""))
}

/** The loaders' own guard: no absolute path, nothing above the table. */
function isBelow(name: string): boolean {
  return !name.startsWith("/") && !name.includes("://") && !name.split(/[/\\]/).includes("..")
}

interface Span {
  readonly start: number
  /** Offset behind the line's end. */
  readonly end: number
}

function splitLines(bytes: Uint8Array): readonly Span[] {
  const lines: Span[] = []
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(0x0a, start)
    const end = feed === -1 ? bytes.length : feed + 1
    lines.push({ start, end })
    start = end
  }
  return lines
}

function isBlank(fields: readonly string[]): boolean {
  return fields.length === 1 && fields[0] === ""
}

function join(bytes: Uint8Array, spans: readonly Span[], droppedRows: number): FilteredTable {
  if (droppedRows === 0) return { bytes, droppedRows }
  return { bytes: Buffer.concat(spans.map(({ start, end }) => bytes.subarray(start, end))), droppedRows }
}
