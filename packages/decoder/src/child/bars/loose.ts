import { UNIT, unitsAt } from "./brightness.ts"
import type { Lines } from "./lines.ts"
import { TOLERANCE } from "./plain.ts"

/** Noise is gone from the mean of so many pixels of a line. */
const PIECE_PIXELS = 12

/** Of a line's pieces, so many are as bright as the bar: text leaves that much ground in the line that it fills most. */
const LEAST_SHARE = 0.4

/** Of the outermost line's, where no text stands. */
const LEAST_SHARE_OUTSIDE = 0.9

/** Lines in a row that look like no bar, of one that goes on behind them: a stroke from end to end. */
const MOST_GAP_SHARE = 0.02

/** The same where both ends of each are the bar's: letters that nearly fill their line. */
const MOST_LETTERS_SHARE = 0.1

/**
 * How many lines from the side look like a bar that is noisy or has text on it: pieces of each are as bright as the
 * outermost line, at both of its ends and in much of what is between.
 */
export function looseBar(lines: Lines): number {
  const pieces = Math.floor(lines.length / PIECE_PIXELS)
  if (pieces < 4) return 0
  const means = outermostMeans(lines, pieces)
  const brightness = means.toSorted()[pieces >> 1] ?? 0
  const mostAlike = leastOf(LEAST_SHARE_OUTSIDE, pieces)
  if (barPieces({ pieces, enough: mostAlike, brightness }, (piece) => means[piece] ?? 0) < mostAlike) return 0
  const enough = leastOf(LEAST_SHARE, pieces)
  const ground = { pieces, enough, brightness }
  let end = 1
  let gap = 0
  for (let line = 1; line < lines.count && line - end <= lines.count * MOST_LETTERS_SHARE; line++) {
    const start = lines.startOf(line)
    const alike = barPieces(ground, (piece) => pieceMean(lines, start, piece))
    gap = alike < 0 ? gap + 1 : 0
    if (alike === enough) end = line + 1
    if (gap > Math.ceil(lines.count * MOST_GAP_SHARE)) break
  }
  return end
}

interface Ground {
  readonly pieces: number
  /** No more than so many pieces are counted. */
  readonly enough: number
  readonly brightness: number
}

/** Pieces of a line as bright as the bar, up to as many as are enough; -1 where the line's ends are not. */
function barPieces({ pieces, enough, brightness }: Ground, meanOf: (piece: number) => number): number {
  const isBar = (piece: number) => Math.abs(meanOf(piece) - brightness) <= TOLERANCE
  if (!isBar(0) || !isBar(pieces - 1)) return -1
  let alike = 0
  for (let piece = 0; piece < pieces && alike < enough; piece++) if (isBar(piece)) alike++
  return alike
}

/** How many of the pieces are at least that share of them. */
function leastOf(share: number, pieces: number): number {
  let least = 0
  while (least / pieces < share) least++
  return least
}

/** Mean brightness of each piece of the outermost line, 0 to 255. */
function outermostMeans({ outermost }: Lines, pieces: number): Float64Array {
  const means = new Float64Array(pieces)
  for (let piece = 0, offset = 0; piece < pieces; piece++) {
    let sum = 0
    for (let i = 0; i < PIECE_PIXELS; i++) sum += outermost[offset++] ?? 0
    means[piece] = sum / PIECE_PIXELS / UNIT
  }
  return means
}

/** Mean brightness of a piece, 0 to 255. */
function pieceMean({ data, along }: Lines, start: number, piece: number): number {
  let sum = 0
  let offset = start + piece * PIECE_PIXELS * along
  for (let i = 0; i < PIECE_PIXELS; i++, offset += along) sum += unitsAt(data, offset)
  return sum / PIECE_PIXELS / UNIT
}
