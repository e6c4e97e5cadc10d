import { UNIT, unitsAt } from "./brightness.ts"
import type { Lines } from "./lines.ts"

/**
 * Largest difference in brightness from the bar: the effect of JPEG on a flat area beside an edge. Only brightness
 * counts, because the hash uses nothing else, and a bar's colour bleeds where colour is subsampled.
 */
export const TOLERANCE = 24

/** Largest share of a bar's pixels that may differ more. */
const OUTLIERS = 0.02

/** Counts the lines from the side that are as bright as the outermost line. */
export function plainBar(lines: Lines): number {
  const brightness = meanOf(lines)
  let line = 0
  while (line < lines.count && isFlat(lines, lines.startOf(line), brightness)) line++
  return line
}

/** Mean brightness of the outermost line, 0 to 255. */
function meanOf({ outermost, length }: Lines): number {
  return outermost.total / length / UNIT
}

function isFlat({ data, along, length }: Lines, start: number, brightness: number): boolean {
  // Uses integers only, because it runs on the edges of every picture.
  const least = Math.ceil((brightness - TOLERANCE) * UNIT)
  const most = Math.floor((brightness + TOLERANCE) * UNIT)
  let outliers = Math.floor(length * OUTLIERS)
  for (let i = 0, offset = start; i < length; i++, offset += along) {
    const units = unitsAt(data, offset)
    if ((units < least || units > most) && outliers-- === 0) return false
  }
  return true
}
