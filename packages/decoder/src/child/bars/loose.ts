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
  const brightness = medianOf(lines, pieces)
  const shareOf = (line: number) => barShare(lines, lines.startOf(line), { pieces, brightness })
  if (shareOf(0) < LEAST_SHARE_OUTSIDE) return 0
  let end = 1
  let gap = 0
  for (let line = 1; line < lines.count && line - end <= lines.count * MOST_LETTERS_SHARE; line++) {
    const share = shareOf(line)
    gap = share < 0 ? gap + 1 : 0
    if (share >= LEAST_SHARE) end = line + 1
    if (gap > Math.ceil(lines.count * MOST_GAP_SHARE)) break
  }
  return end
}

interface Ground {
  readonly pieces: number
  readonly brightness: number
}

/** The share of a line's pieces as bright as the bar; -1 where its ends are not. */
function barShare(lines: Lines, start: number, { pieces, brightness }: Ground): number {
  const isBar = (piece: number) => Math.abs(pieceMean(lines, start, piece) - brightness) <= TOLERANCE
  if (!isBar(0) || !isBar(pieces - 1)) return -1
  let alike = 0
  for (let piece = 0; piece < pieces; piece++) if (isBar(piece)) alike++
  return alike / pieces
}

function medianOf(lines: Lines, pieces: number): number {
  const start = lines.startOf(0)
  const means = Array.from({ length: pieces }, (_, piece) => pieceMean(lines, start, piece)).sort((a, b) => a - b)
  return means[pieces >> 1] ?? 0
}

/** Mean brightness of a piece, 0 to 255. */
function pieceMean({ data, along }: Lines, start: number, piece: number): number {
  let sum = 0
  let at = start + piece * PIECE_PIXELS * along
  for (let i = 0; i < PIECE_PIXELS; i++, at += along) sum += unitsAt(data, at)
  return sum / PIECE_PIXELS / UNIT
}
