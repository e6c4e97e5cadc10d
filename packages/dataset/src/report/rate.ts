/**
 * How many items a second a scan screened as it went on.
 * @module
 */
import type { ScanReport } from "@nightlight/contract"
import type { Point } from "./charts.ts"

/** Points of the curve. */
const POINTS = 60

/**
 * Spreads each shard's items evenly over the time it took and adds up, leaving out the gaps between runs.
 *
 * @returns Seconds of work and items a second, at most {@link POINTS} points; empty where nothing took time.
 */
export function rateOverTime(timeline: ScanReport["timeline"]): readonly Point[] {
  const spans = timeline
    .map(({ finishedAt, seconds, items }) => ({ end: Date.parse(finishedAt) / 1_000, seconds, items }))
    .map(({ end, seconds, items }) => ({ start: end - seconds, end, items }))
    .toSorted((a, b) => a.start - b.start)
  const shifted: { start: number; end: number; items: number }[] = []
  let shift = spans[0]?.start ?? 0
  let reached = shift
  for (const { start, end, items } of spans) {
    if (start > reached) shift += start - reached
    reached = Math.max(reached, end)
    shifted.push({ start: start - shift, end: end - shift, items })
  }
  const total = Math.max(0, ...shifted.map((span) => span.end))
  if (total === 0) return []
  const width = total / POINTS
  return Array.from({ length: POINTS }, (_, point) => {
    const from = point * width
    const items = shifted.reduce((sum, span) => sum + span.items * overlap(span, from, from + width), 0)
    return { x: from + width / 2, y: items / width }
  })
}

/** Share of a span that lies between two times; a span without length lies where it stands. */
function overlap({ start, end }: { start: number; end: number }, from: number, to: number): number {
  if (end <= start) return start >= from && start < to ? 1 : 0
  return Math.max(0, Math.min(end, to) - Math.max(start, from)) / (end - start)
}
