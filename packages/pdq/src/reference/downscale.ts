/**
 * Luma and the 64x64 tent filter in plain TypeScript, every operation rounded to float32.
 *
 * Source: facebook/ThreatExchange, pdq/cpp/downscaling/downscaling.cpp.
 * @module
 */

/** Side of the matrix that the cosine transform reads. */
export const SIDE = 64

const fround = Math.fround
const RED = fround(0.299)
const GREEN = fround(0.587)
const BLUE = fround(0.114)

/** Pixels from which luma is read; `columns` and `rows` map each one to a pixel of `pixels`. */
export interface LumaSource {
  readonly pixels: Uint8Array
  /** Pixels in a row of `pixels`. */
  readonly rowPixels: number
  readonly channels: number
  /** Source column of each read column, and source row of each read row. */
  readonly columns: Uint32Array
  readonly rows: Uint32Array
}

/** Computes luma row by row: 0.299 R + 0.587 G + 0.114 B from left to right, or the grey value itself. */
export function readLuma({ pixels, rowPixels, channels, columns, rows }: LumaSource): Float32Array {
  const luma = new Float32Array(columns.length * rows.length)
  let offset = 0
  // Every column and row lies inside `pixels`: the caller checked.
  for (const row of rows) {
    const start = row * rowPixels * channels
    for (let x = 0; x < columns.length; x++) {
      const p = start + columns[x]! * channels
      luma[offset++] =
        channels === 1
          ? pixels[p]!
          : fround(fround(fround(RED * pixels[p]!) + fround(GREEN * pixels[p + 1]!)) + fround(BLUE * pixels[p + 2]!))
    }
  }
  return luma
}

/**
 * Filters twice with a box along rows and along columns, then takes 64x64 centres.
 *
 * @param luma - `width` x `height` values, row by row. Overwritten.
 */
export function downscale(luma: Float32Array, width: number, height: number): Float32Array {
  const other = new Float32Array(luma.length)
  for (let repetition = 0; repetition < 2; repetition++) {
    boxAlongRows(luma, other, width)
    boxAlongColumns(other, luma, width)
  }
  const small = new Float32Array(SIDE * SIDE)
  for (let i = 0; i < SIDE; i++) {
    const row = Math.floor(((i + 0.5) * height) / SIDE)
    for (let j = 0; j < SIDE; j++) small[i * SIDE + j] = luma[row * width + Math.floor(((j + 0.5) * width) / SIDE)]!
  }
  return small
}

/** Width of the box over `n` samples. */
function windowOf(n: number): number {
  return Math.floor((n + 2 * SIDE - 1) / (2 * SIDE))
}

/** Running mean along every row: the window grows at the start, slides, and shrinks at the end. */
function boxAlongRows(from: Float32Array, to: Float32Array, width: number): void {
  const window = windowOf(width)
  const half = Math.floor((window + 2) / 2)
  // Indices stay within a row: the four phases read `width` samples and write `width` samples.
  for (let start = 0; start < from.length; start += width) {
    const end = start + width
    let right = start
    let left = start
    let out = start
    let sum = 0
    let count = 0
    for (; count < half - 1; count++) sum = fround(sum + from[right++]!)
    while (count < window) {
      sum = fround(sum + from[right++]!)
      to[out++] = fround(sum / ++count)
    }
    while (right < end) {
      sum = fround(fround(sum + from[right++]!) - from[left++]!)
      to[out++] = fround(sum / count)
    }
    while (out < end) {
      sum = fround(sum - from[left++]!)
      to[out++] = fround(sum / --count)
    }
  }
}

/** Running mean along every column, a row at a time so that memory is read in order. */
function boxAlongColumns(from: Float32Array, to: Float32Array, width: number): void {
  const height = from.length / width
  const window = windowOf(height)
  const half = Math.floor((window + 2) / 2)
  const sums = new Float32Array(width)
  let right = 0
  let left = 0
  let out = 0
  let count = 0
  // Row offsets stay within the picture: the phases read `height` rows and write `height` rows.
  for (; count < half - 1; count++, right += width) {
    for (let x = 0; x < width; x++) sums[x] = fround(sums[x]! + from[right + x]!)
  }
  for (; count < window; right += width, out += width) {
    count++
    for (let x = 0; x < width; x++) {
      const sum = fround(sums[x]! + from[right + x]!)
      sums[x] = sum
      to[out + x] = fround(sum / count)
    }
  }
  for (; right < from.length; right += width, left += width, out += width) {
    for (let x = 0; x < width; x++) {
      const sum = fround(fround(sums[x]! + from[right + x]!) - from[left + x]!)
      sums[x] = sum
      to[out + x] = fround(sum / count)
    }
  }
  for (; out < to.length; left += width, out += width) {
    count--
    for (let x = 0; x < width; x++) {
      const sum = fround(sums[x]! - from[left + x]!)
      sums[x] = sum
      to[out + x] = fround(sum / count)
    }
  }
}
