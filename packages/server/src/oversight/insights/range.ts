/**
 * Periods, and the days or weeks by which they are counted. All in UTC.
 * @module
 */

import { INSIGHTS_MAX_DAYS, INSIGHTS_MAX_DAYS_BY_DAY } from "@nightlight/contract/server"
import { DAY_MS, RequestError, utcDay } from "@nightlight/core"
import type { Range, RangeText } from "./types.ts"

const DEFAULT_DAYS = 30
const MONDAY = 1

/**
 * The requested period, widened to whole days; by default the last 30 days, including today.
 *
 * @throws {RequestError} `input_invalid` if it is empty or too long.
 */
export function toRange(
  asked: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Date,
): Range {
  const to = ceilDay(asked.to === undefined ? now.getTime() : Date.parse(asked.to))
  const from = asked.from === undefined ? to - DEFAULT_DAYS * DAY_MS : floorDay(Date.parse(asked.from))
  if (from >= to) throw new RequestError("input_invalid", "the period ends before it begins")
  if (to - from > INSIGHTS_MAX_DAYS * DAY_MS) {
    throw new RequestError("input_invalid", "the period is too long", { details: { days: INSIGHTS_MAX_DAYS } })
  }
  return { from: new Date(from), to: new Date(to) }
}

/** A period in the form of the log's times. */
export function toText({ from, to }: Range): RangeText {
  return { from: from.toISOString(), to: to.toISOString() }
}

/** The division of a period. */
export interface Buckets {
  readonly unit: "day" | "week"
  /** First moment of each, oldest first. */
  readonly starts: readonly Date[]
  /** Position of the bucket of a day such as `2026-03-02`; -1 for a day before the period. */
  readonly indexOf: (day: string) => number
}

/** Divides a period into days, or into weeks from Monday to Sunday if it is long; the first may be shorter. */
export function toBuckets({ from, to }: Range): Buckets {
  const days = Array.from({ length: (to.getTime() - from.getTime()) / DAY_MS }, (_, n) => from.getTime() + n * DAY_MS)
  const unit = days.length > INSIGHTS_MAX_DAYS_BY_DAY ? "week" : "day"
  const starts = days
    .map((ms) => new Date(ms))
    .filter((day, n) => unit === "day" || n === 0 || day.getUTCDay() === MONDAY)
  const firsts = starts.map((start) => utcDay(start))
  return { unit, starts, indexOf: (day) => firsts.findLastIndex((first) => first <= day) }
}

function floorDay(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS
}

function ceilDay(ms: number): number {
  return Math.ceil(ms / DAY_MS) * DAY_MS
}
