/** The state at the end of a line: a whole row, an open quoted cell, or misplaced quotation marks. */
export type CellsOutcome = "whole" | "open" | "malformed"

const QUOTE = 0x22

/**
 * Splits one record into cells by RFC 4180: a cell that starts with a quotation mark ends at the next one that is not
 * doubled, and may contain delimiters and line ends; a quotation mark inside a plain cell is an ordinary character.
 *
 * @param cells - emptied and filled.
 */
export function splitCells(text: string, delimiter: string, cells: string[]): CellsOutcome {
  cells.length = 0
  let start = 0
  for (;;) {
    if (text.charCodeAt(start) !== QUOTE) {
      const end = text.indexOf(delimiter, start)
      cells.push(end < 0 ? text.slice(start) : text.slice(start, end))
      if (end < 0) return "whole"
      start = end + 1
      continue
    }
    const close = closingQuote(text, start + 1)
    if (close < 0) return "open"
    cells.push(text.slice(start + 1, close).replaceAll('""', '"'))
    if (close + 1 === text.length) return "whole"
    if (text[close + 1] !== delimiter) return "malformed"
    start = close + 2
  }
}

/** Position of the quotation mark that ends a cell, or -1. */
function closingQuote(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 2)) {
    if (text.charCodeAt(quote + 1) !== QUOTE) return quote
  }
  return -1
}
