import { UNIT, unitsAt } from "./brightness.ts"
import type { Lines } from "./lines.ts"
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

/**
 * Counts the lines from the side that look like a noisy bar or a bar with text: pieces of each line are as bright as
 * the outermost line, at both ends and in much of the space between.
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
  for (let line = 1; line < lines.count && line - end <= lines.count * MAX_LETTERS_SHARE; line++) {
    const start = lines.startOf(line)
    const alike = barPieces(ground, (piece) => pieceMean(lines, start, piece))
    gap = alike < 0 ? gap + 1 : 0
    if (alike === enough) end = line + 1
    if (gap > Math.ceil(lines.count * MAX_GAP_SHARE)) break
  }
  return end
}

interface Ground {
  readonly pieces: number
  /** Number of pieces at which counting stops. */
  readonly enough: number
  readonly brightness: number
}

/** Number of pieces of a line that are as bright as the bar, up to `enough`; -1 where the line's ends are not. */
function barPieces({ pieces, enough, brightness }: Ground, meanOf: (piece: number) => number): number {
  const isBar = (piece: number) => Math.abs(meanOf(piece) - brightness) <= TOLERANCE
  if (!isBar(0) || !isBar(pieces - 1)) return -1
  let alike = 0
  for (let piece = 0; piece < pieces && alike < enough; piece++) if (isBar(piece)) alike++
  return alike
}

/** Number of pieces that make up at least this share. */
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
