/**
 * Shares and durations as text.
 * @module
 */
import type { DurationView, ShareView } from "@nightlight/contract/server"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { duration } from "../../parts/format.ts"

/** A share in whole per cent, as the numbers support no more precision. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`

/** The parts of a sentence about a share: share, interval bounds, total. `undefined` if the total is zero. */
export function shareParts(
  view: SchemaOutput<typeof ShareView>,
): readonly [string, string, string, number] | undefined {
  const { share, low, high, of } = view
  return share === undefined ? undefined : [percent(share), percent(low), percent(high), of]
}

/** Median and 90th percentile as durations, and the count; `undefined` if nothing was measured. */
export function durationParts(view: SchemaOutput<typeof DurationView>): readonly [string, string, number] | undefined {
  const { medianSeconds, p90Seconds, count } = view
  if (medianSeconds === undefined || p90Seconds === undefined) return undefined
  return [duration(medianSeconds * 1000), duration(p90Seconds * 1000), count]
}
