/**
 * Records of a CSV file with their byte ranges.
 *
 * Source: RFC 4180, read as Python's `csv` does: a quote opens a field only at its start, and may enclose line ends.
 * @module
 */

/** One record. */
export interface CsvRow {
  readonly start: number
  /** Offset behind the record's line end. */
  readonly end: number
  /** Empty where a quote is never closed, since anything may follow it. */
  readonly fields: readonly string[]
}

const QUOTE = 0x22
const COMMA = 0x2c
const FEED = 0x0a
const RETURN = 0x0d

/** Splits a CSV file into records; blank lines are records of one empty field. */
export function splitCsv(bytes: Uint8Array): readonly CsvRow[] {
  const rows: CsvRow[] = []
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  for (let start = 0; start < bytes.length; ) {
    const row = readRow(bytes, start, start === 0 && hasMark ? 3 : start)
    rows.push(row)
    start = row.end
  }
  return rows
}

function readRow(bytes: Uint8Array, start: number, textStart: number): CsvRow {
  const fields: string[] = []
  let offset = textStart
  for (;;) {
    const field = readField(bytes, offset)
    if (field.isOpen) return { start, end: bytes.length, fields: [] }
    fields.push(field.text)
    offset = field.end + 1
    const ending = bytes[field.end]
    if (ending === COMMA) continue
    const end = ending === RETURN && bytes[offset] === FEED ? offset + 1 : offset
    return { start, end: Math.min(end, bytes.length), fields }
  }
}

interface Field {
  readonly text: string
  readonly end: number
  /** Whether its quote is never closed. */
  readonly isOpen: boolean
}

/** Reads up to the comma or line end behind a field. */
function readField(bytes: Uint8Array, start: number): Field {
  const isQuoted = bytes[start] === QUOTE
  let offset = isQuoted ? start + 1 : start
  let closed = start
  if (isQuoted) {
    for (; offset < bytes.length; offset++) {
      if (bytes[offset] !== QUOTE) continue
      if (bytes[offset + 1] !== QUOTE) break
      offset++
    }
    if (offset >= bytes.length) return { text: "", end: offset, isOpen: true }
    closed = offset
    offset++
  }
  while (offset < bytes.length && bytes[offset] !== COMMA && bytes[offset] !== FEED && bytes[offset] !== RETURN)
    offset++
  const decode = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString("utf8")
  const text = isQuoted
    ? decode(start + 1, closed).replaceAll('""', '"') + decode(closed + 1, offset)
    : decode(start, offset)
  return { text, end: offset, isOpen: false }
}
