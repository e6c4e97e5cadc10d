/** The Hamming index: entry points of one instance (one per thread) over a memory that all threads share. */
import { delta, deltaCapacity, hasTables, publishSlot, queries, reserveSlot, rows } from "./layout"
import { outCount, setOutCount, sortOutput } from "./matches"
import { PROBE_RADIUS, PROBED, probeRows, TOO_MANY } from "./probe"
import { SCAN_DONE, scanFlat, scanRows } from "./scan"

export { buildTable, checkTables, storeRows } from "./build"
export { huntBlock, huntBuild, huntConfigure, huntLoad, huntScan } from "./hunt"
export { configure, withdraw } from "./layout"

/** Why {@link lookup} stopped before the last query: the caller drains the output and calls again. */
let stoppedForScan: bool = false

/** Number of matches in the output. */
export function matchCount(): u32 {
  return outCount
}

/** Forgets the matches in the output. */
export function clearMatches(): void {
  setOutCount(0)
}

/**
 * Answers queries `from` to `end` of the scratch, appending matches to the output by query, then by id.
 *
 * @returns The first unanswered query, or `end`. {@link needsScan} then shows whether that query must be answered by
 * {@link scan}, or again after draining the output.
 */
export function lookup(from: u32, end: u32, radius: u32): u32 {
  stoppedForScan = false
  for (let index = from; index < end; index++) {
    const query = queries + (index << 5)
    const before = outCount
    const probed = hasTables && radius <= PROBE_RADIUS ? probeRows(query, index, radius) : TOO_MANY
    if (probed == PROBED) {
      sortOutput(before)
      if (scanRows(query, index, radius, rows) == SCAN_DONE) continue
    }
    setOutCount(before)
    stoppedForScan = probed == TOO_MANY || before == 0
    return index
  }
  return end
}

export function needsScan(): bool {
  return stoppedForScan
}

/**
 * Scans all rows from `row` on for query `index` of the scratch. Returns where to continue, or 0xffffffff at the end.
 */
export function scan(index: u32, radius: u32, row: u32): u32 {
  return scanRows(queries + (index << 5), index, radius, row)
}

/** Scans `count` whole hashes at `hashes` for the first query of the scratch, as {@link scan} does. */
export function flatScan(hashes: usize, count: u32, radius: u32, row: u32): u32 {
  return scanFlat(hashes, count, queries, radius, row)
}

/** Adds the hash in the scratch's first query to the delta. Returns its id, or 0xffffffff when the delta is full. */
export function add(): u32 {
  const slot = reserveSlot()
  if (slot >= deltaCapacity) return 0xffffffff
  memory.copy(delta + (slot << 5), queries, 32)
  publishSlot(slot)
  return rows + slot
}

/** Sorts the whole output by its upper column. */
export function sortMatches(): void {
  sortOutput(0)
}
