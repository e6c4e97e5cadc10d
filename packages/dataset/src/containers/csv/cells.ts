/**
 * The cells of rows of a table in text.
 * @module
 */

const QUOTE = 0x22
const FEED = 0x0a
const RETURN = 0x0d

/** Cells of some rows. */
export interface Cells {
  readonly rows: readonly (readonly Buffer[])[]
  /** Whether a quote is never closed. */
  readonly isOpen: boolean
}

/**
 * Reads rows into cells.
 *
 * @param hasQuotes - Whether quotes enclose cells; otherwise they are taken for letters, and only left out at a cell's ends.
 */
export function readCells(bytes: Buffer, separator: number, hasQuotes: boolean): Cells {
  const rows: Buffer[][] = []
  let row: Buffer[] = []
  let isOpen = false
  for (let at = 0; at <= bytes.length; ) {
    let end = at
    if (hasQuotes && bytes[at] === QUOTE) {
      end = closingQuote(bytes, at + 1)
      isOpen ||= end === bytes.length
    }
    while (end < bytes.length && bytes[end] !== separator && bytes[end] !== FEED && bytes[end] !== RETURN) end++
    row.push(unquoted(bytes.subarray(at, end)))
    if (bytes[end] !== separator || end === bytes.length) {
      rows.push(row)
      row = []
    }
    at = end + 1
  }
  return { rows: rows.filter((cells) => cells.some(({ length }) => length > 0)), isOpen }
}

/** Offset of the quote that closes a cell, or the length of the bytes. */
function closingQuote(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(QUOTE, from); at !== -1; at = bytes.indexOf(QUOTE, at + 2)) {
    if (bytes[at + 1] !== QUOTE) return at
  }
  return bytes.length
}

function unquoted(cell: Buffer): Buffer {
  if (cell[0] !== QUOTE) return cell
  const end = cell.length > 1 && cell.at(-1) === QUOTE ? cell.length - 1 : cell.length
  const inner = cell.subarray(1, end)
  return inner.includes('""') ? Buffer.from(inner.toString("latin1").replaceAll('""', '"'), "latin1") : inner
}
