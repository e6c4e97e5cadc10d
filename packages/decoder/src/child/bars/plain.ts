import { UNIT, unitsAt } from "./brightness.ts"
import type { Lines } from "./lines.ts"

/**
 * Brightness may differ so much from the bar's own: what JPEG does to a flat ground beside an edge. Only brightness
 * counts: the hash sees nothing else, and the colour of a bar bleeds where colour is stored coarsely.
 */
export const TOLERANCE = 24

/** The share of a bar's pixels that may differ more. */
const OUTLIERS = 0.02

/** How many lines from the side are as bright as the outermost. */
export function plainBar(lines: Lines): number {
  const brightness = meanOf(lines)
  let line = 0
  while (line < lines.count && isFlat(lines, lines.startOf(line), brightness)) line++
  return line
}

/** Mean brightness of the outermost line, 0 to 255. */
function meanOf({ outermost }: Lines): number {
  let sum = 0
  for (const units of outermost) sum += units
  return sum / outermost.length / UNIT
}

function isFlat({ data, along, length }: Lines, start: number, brightness: number): boolean {
  // Whole numbers only: this runs over the edges of every picture.
  const least = Math.ceil((brightness - TOLERANCE) * UNIT)
  const most = Math.floor((brightness + TOLERANCE) * UNIT)
  let outliers = Math.floor(length * OUTLIERS)
  for (let i = 0, offset = start; i < length; i++, offset += along) {
    const units = unitsAt(data, offset)
    if ((units < least || units > most) && outliers-- === 0) return false
  }
  return true
}
