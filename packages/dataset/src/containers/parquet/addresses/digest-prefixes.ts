/** Prefixes of digests of one type, sorted: the first 64 bits, as two words. */
export interface DigestPrefixes {
  readonly upper: Uint32Array
  readonly lower: Uint32Array
}

/** Whether a table has a prefix. */
export function hasPrefix(table: DigestPrefixes, upper: number, lower: number): boolean {
  let low = 0
  for (let high = table.upper.length; low < high; ) {
    const middle = (low + high) >>> 1
    const above = table.upper[middle] ?? 0
    if (above < upper || (above === upper && (table.lower[middle] ?? 0) < lower)) low = middle + 1
    else high = middle
  }
  return table.upper[low] === upper && table.lower[low] === lower
}
