import { UNIT } from "./brightness.ts"
import { type Lines, sumAt } from "./lines.ts"
import { TOLERANCE } from "./plain.ts"

/** Pixels of a piece of a line, enough to average noise out. */
const PIECE_PIXELS = 12

/** Smallest share of a line's pieces that are as bright as the bar; text leaves at least that much background. */
const LEAST_SHARE = 0.4

/** Smallest share in the outermost line, which has no text. */
const LEAST_SHARE_OUTSIDE = 0.9

/** Most consecutive lines that do not look like a bar that continues after them: a stroke from end to end. */
const MAX_GAP_SHARE = 0.02

/** Most such lines where both ends of each look like the bar: letters that nearly fill their line. */
const MAX_LETTERS_SHARE = 0.1

/** {@link TOLERANCE} of a piece's sum. */
const PIECE_TOLERANCE = TOLERANCE * UNIT * PIECE_PIXELS

/**
 * Counts the lines from the side that look like a noisy bar or a bar with text: pieces of each line are as bright as
 * the outermost line, at both ends and in much of the space between.
 */
export function looseBar(lines: Lines): number {
  const { count, length, along, inwards } = lines
  const pieces = Math.floor(length / PIECE_PIXELS)
  if (pieces < 4) return 0
  const brightness = brightnessOf(lines, pieces)
  if (brightness === undefined) return 0
  const last = (pieces - 1) * PIECE_PIXELS * along
  const enough = leastOf(LEAST_SHARE, pieces)
  const maxGap = Math.ceil(count * MAX_GAP_SHARE)
  let end = 1
  let gap = 0
  let start = lines.start + inwards
  for (let line = 1; line < count && line - end <= count * MAX_LETTERS_SHARE; line++, start += inwards) {
    if (isAlike(lines, start, brightness) && isAlike(lines, start + last, brightness)) {
      gap = 0
      if (areAlike(lines, start, brightness, pieces, enough)) end = line + 1
    } else if (++gap > maxGap) break
  }
  return end
}

/** Whether `enough` of a line's pieces are as bright as the bar, those at its ends among them. */
function areAlike(lines: Lines, start: number, brightness: number, pieces: number, enough: number): boolean {
  const piece = PIECE_PIXELS * lines.along
  let missing = enough - 2
  let others = pieces - enough
  for (let offset = start + piece; missing > 0 && others >= 0; offset += piece) {
    if (isAlike(lines, offset, brightness)) missing--
    else others--
  }
  return missing <= 0
}

/** Whether the piece at a byte offset is as bright as the bar. */
function isAlike({ data, along }: Lines, offset: number, brightness: number): boolean {
  return Math.abs(sumAt(data, offset, along, PIECE_PIXELS) - brightness) <= PIECE_TOLERANCE
}

/**
 * Brightness of a piece of the bar that begins at the outermost line, as a sum over its pixels in 256ths; `undefined`
 * where that line is not even enough.
 */
function brightnessOf({ data, start, along }: Lines, pieces: number): number | undefined {
  const piece = PIECE_PIXELS * along
  const first = sumAt(data, start, along, PIECE_PIXELS)
  const last = sumAt(data, start + (pieces - 1) * piece, along, PIECE_PIXELS)
  // Both ends must be as bright as the bar.
  if (Math.abs(first - last) > 2 * PIECE_TOLERANCE) return undefined
  const maxOthers = pieces - leastOf(LEAST_SHARE_OUTSIDE, pieces)
  const sums = [last]
  const half = pieces >> 1
  // Of two pieces that differ so much, at least one is not as bright as the bar, however bright that is.
  let pairs = 0
  for (let i = 0, offset = start; i < half; i++, offset += piece) {
    const one = sumAt(data, offset, along, PIECE_PIXELS)
    const other = sumAt(data, offset + half * piece, along, PIECE_PIXELS)
    if (Math.abs(one - other) > 2 * PIECE_TOLERANCE && ++pairs > maxOthers) return undefined
    sums.push(one, other)
  }
  // The last of an even number is among the pairs.
  if (pieces % 2 === 0) sums.shift()
  const sorted = Int32Array.from(sums).sort()
  const brightness = sorted[pieces >> 1] ?? 0
  if (Math.abs(first - brightness) > PIECE_TOLERANCE || Math.abs(last - brightness) > PIECE_TOLERANCE) return undefined
  let others = 0
  for (const sum of sums) if (Math.abs(sum - brightness) > PIECE_TOLERANCE) others++
  return others <= maxOthers ? brightness : undefined
}

/** Number of pieces that make up at least this share. */
function leastOf(share: number, pieces: number): number {
  let least = Math.max(0, Math.floor(share * pieces) - 1)
  while (least / pieces < share) least++
  return least
}
