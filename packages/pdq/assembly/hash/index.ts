/**
 * PDQ hashing of one picture at a time, fed in strips of rows.
 *
 * A caller gets the address of the strip from `begin`, then, while `wantedRows` is above zero, writes that many rows
 * from `nextRow` on to the strip and calls `feed`; `finish` completes the small matrix, `hash` and `dihedral` write
 * their bytes, `quality` returns 0 to 100.
 */
import { mayDiffer as fastMayDiffer, startCertainty } from "./certainty"
import { beginExact, feedExact, finishExact } from "./exact"
import { beginFast, feedFast, nextRowFast, wantedRowsFast } from "./fast"
import { NARROW } from "./fast-state"
import { growToRegions, releaseRegions, reserveRegion } from "./memory"
import { quality as qualityOfSmall } from "./quality"
import { rows, setShape, windowOf } from "./shape"
import { feedUnfiltered } from "./unfiltered"
import { DIHEDRAL, fillCosines, HASH, transform, writeDihedral, writeHash } from "./transform"

const EXACT: i32 = 0
const FAST: i32 = 1

fillCosines()

let kernel: i32 = 0
let strip: usize = 0
let stripRows: i32 = 0
let fed: i32 = 0

/**
 * Starts a picture: `newKernel` is 0 exact, 1 fast, 2 unfiltered (64x64 only). Returns the strip's address, or 0 if the
 * memory cannot grow. The strip has at least 8 rows, or more if they fit `stripBytes`.
 */
export function begin(
  newKernel: i32,
  newColumns: i32,
  newRows: i32,
  newChannels: i32,
  newStrideBytes: u32,
  stripBytes: u32,
): usize {
  setShape(newColumns, newRows, newChannels, newStrideBytes)
  startCertainty()
  kernel = newKernel
  fed = 0
  stripRows = max(8, <i32>(stripBytes / newStrideBytes) & ~7)
  if (kernel == FAST && windowOf(rows) <= NARROW) stripRows = max(stripRows, 2 * NARROW)
  // The fast kernel may read one row more, and vectors may end beyond the last row.
  const inputBytes = (<u64>stripRows + 1) * newStrideBytes + 64
  if (kernel == EXACT) {
    strip = beginExact(inputBytes)
  } else if (kernel == FAST) {
    strip = beginFast(inputBytes)
  } else {
    releaseRegions()
    strip = reserveRegion(inputBytes)
    if (!growToRegions()) strip = 0
  }
  return strip
}

/** First row of the picture for the next strip. */
export function nextRow(): i32 {
  return kernel == FAST ? nextRowFast() : fed
}

/** Number of rows for the next strip; 0 when the picture is complete. */
export function wantedRows(): i32 {
  return kernel == FAST ? wantedRowsFast(stripRows) : min(stripRows, rows - fed)
}

/** Processes the rows in the strip. */
export function feed(count: i32): void {
  if (kernel == EXACT) feedExact(strip, count)
  else if (kernel == FAST) feedFast(strip, count)
  else feedUnfiltered(strip, fed, count)
  fed += count
}

/** Completes the 64x64 matrix and its transform. */
export function finish(): void {
  if (kernel == EXACT) finishExact()
  transform()
}

/** Quality of the picture finished, 0 to 100. */
export function quality(): i32 {
  return qualityOfSmall()
}

/** Address of the 32 bytes of the finished picture's hash. */
export function hash(): usize {
  writeHash()
  return HASH
}

/** Address of the 256 bytes of the finished picture's eight hashes. */
export function dihedral(): usize {
  writeDihedral()
  return DIHEDRAL
}

/** Whether the results of `hash` or `dihedral` for this picture must be computed by the exact kernel instead. */
export function mayDiffer(): bool {
  return kernel == FAST && fastMayDiffer()
}
