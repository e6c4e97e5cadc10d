/** Content of a frame header (ITU-T T.81, B.2.2), and the numbers of blocks derived from it. */
import { COMPONENTS, grow } from "./memory"

/** Width and height in pixels; 0 before a frame header. */
export let width: u32 = 0
export let height: u32 = 0
/** Colours. */
export let count: u32 = 0
export let isProgressive: bool = false
/** Units of interleaved scans, in rows and columns. */
export let unitColumns: u32 = 0
export let unitRows: u32 = 0

/** Samplings of the component that is sampled most often. */
export let mostAcross: u32 = 1
export let mostDown: u32 = 1

/**
 * Offsets in a component: id, sampling, quantisation table, last first coefficient, tables, blocks, its coefficients'
 * masks.
 */
export const ID: usize = 0
export const ACROSS: usize = 4
export const DOWN: usize = 8
export const STEP_ID: usize = 12
export const PREDICTION: usize = 16
export const FIRST_TABLE: usize = 20
export const OTHER_TABLE: usize = 24
/** Blocks of a scan of this component alone. */
export const COLUMNS: usize = 28
export const ROWS: usize = 32
/** Blocks of a row in interleaved scans. */
export const STRIDE: usize = 36
/** Which coefficients are not zero, 64 bits a block; progressive pictures only. */
export const MASKS: usize = 40
/** Whether a scan contained its first coefficients. */
export const IS_SEEN: usize = 44
/** Address of its samples, and bytes from one row of them to the next; only where pixels are made. */
export const PLANE: usize = 48
export const PLANE_STRIDE: usize = 52
/** Its own samples, without those that fill the last blocks. */
export const SAMPLES_ACROSS: usize = 56
export const SAMPLES_DOWN: usize = 60

/** Address of a component. */
export function componentAt(index: u32): usize {
  return COMPONENTS + (<usize>index << 6)
}

/**
 * Most bytes that say which coefficients of a progressive picture are known: of 500 megapixels in four colours. Otherwise
 * a file of some bytes could state a size that takes gigabytes.
 */
const MAX_MASK_BYTES: u64 = 256 * 1024 * 1024

/** Forgets the frame. */
export function forgetFrame(): void {
  width = 0
  height = 0
  count = 0
}

/** Reads a frame header. Returns 0, or 2 for a broken one, 3 for an unsupported one, 4 without enough memory. */
export function readFrame(at: usize, length: u32, progressive: bool, free: usize): u32 {
  if (length < 6 || count !== 0) return 2
  if (load<u8>(at) !== 8) return 3
  height = bswap<u16>(load<u16>(at + 1))
  width = bswap<u16>(load<u16>(at + 3))
  const components: u32 = load<u8>(at + 5)
  if (height === 0) return 3
  if (width === 0 || components === 0 || components > 4 || length !== 6 + 3 * components) return 2
  isProgressive = progressive
  mostAcross = 1
  mostDown = 1
  for (let i: u32 = 0; i < components; i++) {
    const from = at + 6 + 3 * <usize>i
    const to = componentAt(i)
    const across: u32 = load<u8>(from + 1) >> 4
    const down: u32 = load<u8>(from + 1) & 15
    if (across === 0 || across > 4 || down === 0 || down > 4 || load<u8>(from + 2) > 3) return 2
    store<u32>(to + ID, load<u8>(from))
    store<u32>(to + ACROSS, across)
    store<u32>(to + DOWN, down)
    store<u32>(to + STEP_ID, load<u8>(from + 2))
    store<u32>(to + IS_SEEN, 0)
    mostAcross = max(mostAcross, across)
    mostDown = max(mostDown, down)
  }
  count = components
  unitColumns = over(width, 8 * mostAcross)
  unitRows = over(height, 8 * mostDown)
  return layOut(free)
}

/** Counts each component's blocks and allocates memory for it. */
function layOut(free: usize): u32 {
  let end: u64 = (free + 15) & ~15
  for (let i: u32 = 0; i < count; i++) {
    const component = componentAt(i)
    const across = load<u32>(component + ACROSS)
    const down = load<u32>(component + DOWN)
    store<u32>(component + SAMPLES_ACROSS, over(width * across, mostAcross))
    store<u32>(component + SAMPLES_DOWN, over(height * down, mostDown))
    store<u32>(component + COLUMNS, over(load<u32>(component + SAMPLES_ACROSS), 8))
    store<u32>(component + ROWS, over(load<u32>(component + SAMPLES_DOWN), 8))
    store<u32>(component + STRIDE, unitColumns * across)
    store<u32>(component + MASKS, <u32>end)
    if (isProgressive) end += (<u64>(unitColumns * across) * <u64>(unitRows * down)) << 3
  }
  if (!isProgressive) return 0
  if (end - free > MAX_MASK_BYTES || !grow(<usize>end)) return 4
  memory.fill((free + 15) & ~15, 0, <usize>end - ((free + 15) & ~15))
  return 0
}

function over(value: u32, by: u32): u32 {
  return (value + by - 1) / by
}
