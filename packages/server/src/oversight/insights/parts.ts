/**
 * Converts counted rows to the parts of an answer.
 * @module
 */
import {
  BASES,
  EXPOSURE_MIN_PEOPLE,
  type InsightsBucket,
  type InsightsView,
  type ListPrecision,
} from "@nightlight/contract/server"
import type { countDecided, countFindings, DayCount } from "./case-store.ts"
import type { ExposureDay } from "./exposure-store.ts"
import type { JudgedMatches } from "./list-store.ts"
import type { Buckets } from "./range.ts"
import { toShare } from "./share.ts"

/** Counts by UTC day; days without events are absent. */
export interface ByDay {
  readonly findings: Awaited<ReturnType<typeof countFindings>>
  readonly opened: readonly DayCount[]
  readonly decided: Awaited<ReturnType<typeof countDecided>>
}

/** A series without gaps. */
export function toSeries(buckets: Buckets, { findings, opened, decided }: ByDay): InsightsBucket[] {
  const series = buckets.starts.map((start) => emptyBucket(start))
  const dayOf = (day: string) => series[buckets.indexOf(day)]
  for (const { day, kind, count } of findings) {
    const bucket = dayOf(day)
    if (bucket !== undefined && kind !== "test") bucket.findings[kind] += count
  }
  for (const { day, count } of opened) {
    const bucket = dayOf(day)
    if (bucket !== undefined) bucket.opened += count
  }
  for (const { day, basis, count, automatic } of decided) {
    const bucket = dayOf(day)
    if (bucket === undefined) continue
    bucket.decided += count
    bucket.automatic += automatic
    const known = BASES.find((name) => name === basis)
    if (known !== undefined) bucket.byBasis[known] += count
  }
  return series
}

function emptyBucket(start: Date): InsightsBucket {
  return {
    start: start.toISOString(),
    findings: { dataset: 0, account: 0, direct: 0 },
    opened: 0,
    decided: 0,
    automatic: 0,
    byBasis: Object.fromEntries(BASES.map((basis) => [basis, 0])) as InsightsBucket["byBasis"],
  }
}

interface Tally {
  reportable: number
  policyViolation: number
  notViolation: number
  leftOut: number
}

/** Precision of each list, by name. */
export function toLists(rows: readonly JudgedMatches[]): ListPrecision[] {
  const byList = Map.groupBy(rows, ({ list }) => list)
  return [...byList.keys()].toSorted().map((list) => {
    const own = byList.get(list) ?? []
    const all = tally(own)
    return {
      list,
      ...all,
      precision: precisionOf(all),
      secondReviewed: precisionOf(tally(own.filter(({ second }) => second))),
    }
  })
}

function tally(rows: readonly JudgedMatches[]): Tally {
  const counted: Tally = { reportable: 0, policyViolation: 0, notViolation: 0, leftOut: 0 }
  for (const { outcome, included, items: caseItems } of rows) {
    if (outcome === "policy-violation") counted.policyViolation += caseItems
    else if (outcome === "not-violation") counted.notViolation += caseItems
    else if (included) counted.reportable += caseItems
    else counted.leftOut += caseItems
  }
  return counted
}

function precisionOf({ reportable, policyViolation, notViolation, leftOut }: Tally) {
  const right = reportable + policyViolation
  return toShare(right, right + notViolation + leftOut)
}

/**
 * Exposure of everybody together. A day is shown whole or not at all, and sums cover only the days that are shown:
 * whatever periods somebody requests, the difference between two answers never reveals a day of too few people.
 */
export function toExposure(rows: readonly ExposureDay[]): InsightsView["exposure"] {
  const shown = rows.filter(({ people }) => people >= EXPOSURE_MIN_PEOPLE)
  const days = shown.map(({ day, viewings, originals, seconds }) => ({
    day,
    viewings,
    originals,
    minutes: minutesOf(seconds),
  }))
  const daysSuppressed = rows.length - shown.length
  if (days.length === 0) return { suppressed: daysSuppressed > 0, daysSuppressed, days }
  const sum = (of: (day: ExposureDay) => number) => shown.reduce((total, day) => total + of(day), 0)
  return {
    suppressed: false,
    daysSuppressed,
    days,
    viewings: sum(({ viewings }) => viewings),
    originals: sum(({ originals }) => originals),
    minutes: minutesOf(sum(({ seconds }) => seconds)),
  }
}

function minutesOf(seconds: number): number {
  return Math.round(seconds / 6) / 10
}
