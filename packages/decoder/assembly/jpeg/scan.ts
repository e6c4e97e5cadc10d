/**
 * One scan (ITU-T T.81, B.2.3, E.2): as many blocks as its frame requires, restarts in the right places, nothing left
 * over.
 */
import { baseline, finer, first, forgetEndRun, others } from "./block"
import { areBitsMissing, endOfBits, endOfPaddedBits, fill, skip, startBits } from "./bits"
import {
  ACROSS,
  COLUMNS,
  DOWN,
  FIRST_TABLE,
  ID,
  IS_SEEN,
  OTHER_TABLE,
  PLANE,
  PLANE_STRIDE,
  PREDICTION,
  ROWS,
  STRIDE,
  componentAt,
  count,
  isProgressive,
  unitColumns,
  unitRows,
} from "./frame"
import { isDefined, isTaken, needSeveral, needValues, tableAt } from "./huffman"
import { pixels } from "./pixels/canvas"
import { paint } from "./pixels/paint"

/** Positions of the scan's components among the frame's. */
let order: u32 = 0
let components: u32 = 0
let from: u32 = 0
let to: u32 = 63
let high: u32 = 0
let low: u32 = 0

/** Where the scan ended: at a marker. */
export let endOfScan: usize = 0
/** Whether the scan made the samples of every component, and would give no decoder cause for a warning. */
export let isPainted: bool = false

/** Reads a scan's header and walks its data. Returns 0, or 2 where they are broken. */
export function walkScan(at: usize, length: u32, restartInterval: u32): u32 {
  if (!readHeader(at, length)) return 2
  startBits(at + length)
  forget()
  const alone = componentAt(order & 3)
  const columns = components === 1 ? load<u32>(alone + COLUMNS) : unitColumns
  const rows = components === 1 ? load<u32>(alone + ROWS) : unitRows
  let untilRestart = restartInterval
  let expected: u32 = 0
  for (let row: u32 = 0; row < rows; row++) {
    for (let column: u32 = 0; column < columns; column++) {
      if (restartInterval !== 0 && untilRestart === 0) {
        const marker = endOfBits()
        if (marker === 0 || load<u8>(marker + 1) !== 0xd0 + expected) return 2
        expected = (expected + 1) & 7
        untilRestart = restartInterval
        startBits(marker + 2)
        forget()
      }
      untilRestart--
      if (components === 1 ? !block(alone, row, column) : !unit(row, column)) return 2
    }
    // Otherwise a small file could state a large picture, and take seconds.
    if (areBitsMissing()) return 2
  }
  if (endOfBits() === 0) isPainted = false
  endOfScan = endOfPaddedBits()
  return endOfScan === 0 ? 2 : 0
}

function readHeader(at: usize, length: u32): bool {
  components = load<u8>(at)
  if (components === 0 || components > 4 || length !== 4 + 2 * components || count === 0) return false
  from = load<u8>(at + 1 + 2 * <usize>components)
  to = load<u8>(at + 2 + 2 * <usize>components)
  high = load<u8>(at + 3 + 2 * <usize>components) >> 4
  low = load<u8>(at + 3 + 2 * <usize>components) & 15
  isPainted = pixels !== 0 && from === 0 && to === 63 && high === 0 && low === 0
  // A baseline scan's numbers are fixed; decoders ignore them.
  if (!isProgressive) {
    from = 0
    to = 63
    high = 0
    low = 0
  }
  if (from > to || to > 63 || low > 13) return false
  if (isProgressive && (from === 0 ? to !== 0 : components !== 1)) return false
  order = 0
  for (let i: u32 = 0; i < components; i++) {
    const place = placeOf(load<u8>(at + 1 + 2 * <usize>i))
    if (place > 3) return false
    order |= place << (2 * i)
    const component = componentAt(place)
    const tables: u32 = load<u8>(at + 2 + 2 * <usize>i)
    if ((tables >> 4) > 3 || (tables & 15) > 3) return false
    store<u32>(component + FIRST_TABLE, <u32>tableAt(0, tables >> 4))
    store<u32>(component + OTHER_TABLE, <u32>tableAt(1, tables & 15))
    if (from === 0 && high === 0 && !isDefined(tableAt(0, tables >> 4))) return false
    if (to > 0 && !isDefined(tableAt(1, tables & 15))) return false
    if (from === 0) store<u32>(component + IS_SEEN, 1)
    else if (load<u32>(component + IS_SEEN) === 0) return false
  }
  // All of the frame's components, in its order.
  if (components !== count || order !== (0xe4 & ((1 << (2 * components)) - 1)) || !areTaken()) isPainted = false
  if (!isProgressive) needLookUps()
  return true
}

function areTaken(): bool {
  for (let i: u32 = 0; i < components; i++) {
    const component = componentAt((order >> (2 * i)) & 3)
    if (!isTaken(load<u32>(component + FIRST_TABLE), true)) return false
    if (!isTaken(load<u32>(component + OTHER_TABLE), false)) return false
  }
  return true
}

function needLookUps(): void {
  for (let i: u32 = 0; i < components; i++) {
    const table = load<u32>(componentAt((order >> (2 * i)) & 3) + OTHER_TABLE)
    if (isPainted) needValues(table)
    else needSeveral(table)
  }
}

function placeOf(id: u32): u32 {
  for (let i: u32 = 0; i < count; i++) if (load<u32>(componentAt(i) + ID) === id) return i
  return 4
}

function forget(): void {
  forgetEndRun()
  for (let i: u32 = 0; i < count; i++) store<i32>(componentAt(i) + PREDICTION, 0)
}

/** Decodes one unit of blocks in an interleaved scan. */
function unit(row: u32, column: u32): bool {
  for (let i: u32 = 0; i < components; i++) {
    const component = componentAt((order >> (2 * i)) & 3)
    const across = load<u32>(component + ACROSS)
    const down = load<u32>(component + DOWN)
    for (let y: u32 = 0; y < down; y++) {
      for (let x: u32 = 0; x < across; x++) {
        if (!block(component, row * down + y, column * across + x)) return false
      }
    }
  }
  return true
}

// @ts-ignore: decorator
@inline
function block(component: usize, row: u32, column: u32): bool {
  if (isPainted) {
    const stride = <usize>load<u32>(component + PLANE_STRIDE)
    const to = <usize>load<u32>(component + PLANE) + ((<usize>row * stride + <usize>column) << 3)
    return paint(component, to, stride)
  }
  if (!isProgressive) return baseline(component)
  const at = row * load<u32>(component + STRIDE) + column
  if (from > 0) return high === 0 ? others(component, at, from, to) : finer(component, at, from, to)
  if (high === 0) return first(component, low)
  fill()
  skip(1)
  return true
}
