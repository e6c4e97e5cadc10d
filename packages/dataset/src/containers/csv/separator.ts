/**
 * The separator of a table in text.
 * @module
 */

const FEED = 0x0a
const COMMA = 0x2c
const TAB = 0x09
/** What separates the cells of files called `.csv`. */
const SEPARATORS: readonly number[] = [COMMA, TAB, 0x3b, 0x7c]

/** The byte between cells: a tab in files called `.tsv`, else the commonest of comma, tab, semicolon and bar in the first line. */
export function separatorOf(name: string, head: Uint8Array): number {
  if (/\.tsv(?:\.gz|\.zst)?$/i.test(name)) return TAB
  const feed = head.indexOf(FEED)
  const line = head.subarray(0, feed === -1 ? head.length : feed)
  const counts = SEPARATORS.map((separator) => line.reduce((sum, byte) => sum + (byte === separator ? 1 : 0), 0))
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? COMMA
}
