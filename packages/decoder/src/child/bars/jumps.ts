import type { Lines } from "./lines.ts"

/** Offset of green, which is most of brightness, from a pixel's. */
const GREEN = 1

/** Kept, because the memory of an array takes longer to get and to free than many a line to read. */
let kept = new Int32Array(0)

/**
 * Sums, over some pixels of each line, how much green changes from the previous line. Goes pixel by pixel across the
 * lines, four at once, so that only the sums are stored.
 *
 * @param pixels - positions in a line; a multiple of four.
 * @returns by line, in steps of 256; 0 for the outermost line. Valid until the next call.
 */
export function jumpsOf({ data, count, start, inwards, along }: Lines, pixels: readonly number[]): Int32Array {
  if (kept.length < count) kept = new Int32Array(count)
  const jumps = kept.subarray(0, count).fill(0)
  for (let i = 0; i < pixels.length; i += 4) {
    const offsetOf = (pixel = 0) => start + pixel * along + GREEN
    let first = offsetOf(pixels[i])
    // The others by their distance from the first, so that only one offset moves.
    const second = offsetOf(pixels[i + 1]) - first
    const third = offsetOf(pixels[i + 2]) - first
    const fourth = offsetOf(pixels[i + 3]) - first
    let firstBefore = data[first] ?? 0
    let secondBefore = data[first + second] ?? 0
    let thirdBefore = data[first + third] ?? 0
    let fourthBefore = data[first + fourth] ?? 0
    for (let line = 0; line < count; line++, first += inwards) {
      const firstHere = data[first] ?? 0
      const secondHere = data[first + second] ?? 0
      const thirdHere = data[first + third] ?? 0
      const fourthHere = data[first + fourth] ?? 0
      jumps[line] =
        (jumps[line] ?? 0) +
        Math.abs(firstHere - firstBefore) +
        Math.abs(secondHere - secondBefore) +
        Math.abs(thirdHere - thirdBefore) +
        Math.abs(fourthHere - fourthBefore)
      firstBefore = firstHere
      secondBefore = secondHere
      thirdBefore = thirdHere
      fourthBefore = fourthHere
    }
  }
  return jumps
}

/**
 * Sums, over some pixels of each line, how much green changes to the second pixel after it along the line.
 *
 * @param pixels - positions in a line that has two more.
 * @returns by line, in steps of 256.
 */
export function detailOf({ data, count, start, inwards, along }: Lines, pixels: readonly number[]): Int32Array {
  const detail = new Int32Array(count)
  for (const pixel of pixels) {
    let offset = start + pixel * along + GREEN
    for (let line = 0; line < count; line++, offset += inwards) {
      detail[line] = (detail[line] ?? 0) + Math.abs((data[offset] ?? 0) - (data[offset + 2 * along] ?? 0))
    }
  }
  return detail
}
