import { UNIT, unitsAt } from "./brightness.ts"
import { type Lines, sumAt } from "./lines.ts"

/**
 * Largest difference in brightness from the bar: the effect of JPEG on a flat area beside an edge. Only brightness
 * counts, because the hash uses nothing else, and a bar's colour bleeds where colour is subsampled.
 */
export const TOLERANCE = 24

/** Largest share of a bar's pixels that may differ more. */
const OUTLIERS = 0.02

/** Pixels from one pair of the quick test to the next. */
const QUICK_STEP = 4

/** Pixels that are tested before the outliers are. */
const CHUNK = 64

/** Counts the lines from the side that are as bright as the outermost line. */
export function plainBar(lines: Lines): number {
  const { data, count, length, along, inwards } = lines
  if (isVaried(lines)) return 0
  const brightness = sumAt(data, lines.start, along, length) / length / UNIT
  // Uses integers only, because it runs on the edges of every picture.
  const least = Math.ceil((brightness - TOLERANCE) * UNIT)
  const most = Math.floor((brightness + TOLERANCE) * UNIT)
  let line = 0
  for (let start = lines.start; line < count; line++, start += inwards) {
    if (!isFlat(lines, start, least, most)) break
  }
  return line
}

/**
 * A quick test on some pixels of the outermost line: whether so many pairs of them differ that the line is not flat
 * whatever its mean is, because at least one of each such pair is an outlier.
 */
function isVaried({ data, start, along, length }: Lines): boolean {
  const half = length >> 1
  let outliers = Math.floor(length * OUTLIERS)
  for (let i = 0, offset = start; i < half; i += QUICK_STEP, offset += QUICK_STEP * along) {
    const difference = unitsAt(data, offset) - unitsAt(data, offset + half * along)
    if (Math.abs(difference) > 2 * TOLERANCE * UNIT && outliers-- === 0) return true
  }
  return false
}

function isFlat({ data, along, length }: Lines, start: number, least: number, most: number): boolean {
  const maxOutliers = Math.floor(length * OUTLIERS)
  let outliers = 0
  let offset = start
  for (let i = 0; i < length && outliers <= maxOutliers; ) {
    // Counts by the sign of a difference: a branch at every pixel takes twice the time.
    for (const end = Math.min(length, i + CHUNK); i < end; i++, offset += along) {
      const units = unitsAt(data, offset)
      outliers += ((units - least) | (most - units)) >>> 31
    }
  }
  return outliers <= maxOutliers
}
