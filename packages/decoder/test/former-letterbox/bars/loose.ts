import { UNIT } from "./brightness.ts"
import { type Lines, PIECE_PIXELS, sumAt } from "./lines.ts"
import { TOLERANCE } from "./plain.ts"

/** Smallest share of a line's pieces that are as bright as the bar; text leaves at least that much background. */
const LEAST_SHARE = 0.4

/** Smallest share in the outermost line, which has no text. */
const LEAST_SHARE_OUTSIDE = 0.9

/** Most consecutive lines that do not look like a bar that continues after them: a stroke from end to end. */
const MAX_GAP_SHARE = 0.02

/** Most such lines where both ends of each look like the bar: letters that nearly fill their line. */
const MAX_LETTERS_SHARE = 0.1

/**
 * Counts the lines from the side that look like a noisy bar or a bar with text: pieces of each line are as bright as
 * the outermost line, at both ends and in much of the space between.
 */
export function looseBar(lines: Lines): number {
  const pieces = lines.outermost.pieces.length
  if (pieces < 4) return 0
  const bar = barOf(lines.outermost.pieces)
  if (bar === undefined) return 0
  const enough = leastOf(LEAST_SHARE, pieces)
  let end = 1
  let gap = 0
  for (let line = 1; line < lines.count && line - end <= lines.count * MAX_LETTERS_SHARE; line++) {
    const alike = piecesAlike(lines, line, { ...bar, pieces, enough })
    gap = alike < 0 ? gap + 1 : 0
    if (alike === enough) end = line + 1
    if (gap > Math.ceil(lines.count * MAX_GAP_SHARE)) break
  }
  return end
}

/** Smallest and largest brightness of a bar's pieces: sums over a piece's pixels, in 256ths. */
interface Bar {
  readonly least: number
  readonly most: number
}

/** {@link TOLERANCE} of a piece's sum. */
const PIECE_TOLERANCE = TOLERANCE * UNIT * PIECE_PIXELS

/** The bar that begins at the outermost line; `undefined` where that line is not even enough. */
function barOf(sums: Int32Array): Bar | undefined {
  // Both ends must be as bright as the bar; sorting takes longer than all else here.
  if (Math.abs((sums[0] ?? 0) - (sums.at(-1) ?? 0)) > 2 * PIECE_TOLERANCE) return undefined
  const brightness = sums.toSorted()[sums.length >> 1] ?? 0
  const least = brightness - PIECE_TOLERANCE
  const most = brightness + PIECE_TOLERANCE
  let others = sums.length - leastOf(LEAST_SHARE_OUTSIDE, sums.length)
  for (let piece = 0; piece < sums.length; piece++) {
    const sum = sums[piece] ?? 0
    if (sum >= least && sum <= most) continue
    if (others-- === 0 || piece === 0 || piece === sums.length - 1) return undefined
  }
  return { least, most }
}

interface LineTest extends Bar {
  readonly pieces: number
  /** Number of pieces at which counting stops. */
  readonly enough: number
}

/** Number of a line's pieces that are as bright as the bar, up to `enough`; -1 where those at its ends are not. */
function piecesAlike(lines: Lines, line: number, { least, most, pieces, enough }: LineTest): number {
  const start = lines.startOf(line)
  const across = PIECE_PIXELS * lines.along
  for (const piece of [0, pieces - 1]) {
    const sum = sumAt(lines.data, start + piece * across, lines.along, PIECE_PIXELS)
    if (sum < least || sum > most) return -1
  }
  let alike = 0
  for (let piece = 0, offset = start; piece < pieces && alike < enough; piece++, offset += across) {
    const sum = sumAt(lines.data, offset, lines.along, PIECE_PIXELS)
    if (sum >= least && sum <= most) alike++
  }
  return alike
}

/** Number of pieces that make up at least this share. */
function leastOf(share: number, pieces: number): number {
  let least = 0
  while (least / pieces < share) least++
  return least
}
