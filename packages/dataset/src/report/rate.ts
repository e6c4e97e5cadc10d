/**
 * How many items per second a scan screened over time.
 * @module
 */
import type { ScanReport } from "@nightlight/contract"
import type { Point } from "./charts.ts"

/** Number of points of the curve. */
const POINTS = 60

/**
 * Spreads each shard's items evenly over its time and adds them up, leaving out the gaps between runs.
 *
 * @returns seconds of work and items per second, at most {@link POINTS} points; empty where no time was measured.
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

/** Share of a span that lies between two times; a span without length lies at its point. */
function overlap({ start, end }: { start: number; end: number }, from: number, to: number): number {
  if (end <= start) return start >= from && start < to ? 1 : 0
  return Math.max(0, Math.min(end, to) - Math.max(start, from)) / (end - start)
}
