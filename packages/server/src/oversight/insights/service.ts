/**
 * Counts over time, from the log alone: the same log always gives the same answer.
 * @module
 */

import type { InsightsView } from "@nightlight/contract/server"
import type { Clock } from "@nightlight/core"
import { DAY_MS, utcDay } from "@nightlight/core"
import type { Kysely } from "kysely"
import { localTime } from "../../casework/exposure/local-time.ts"
import type { ReviewService } from "../../casework/review/service.ts"
import type { Tables } from "../../platform/db/tables.ts"
import {
  countDecided,
  countDenied,
  countFindings,
  countOpenByAge,
  countOpened,
  readDecisionTimes,
} from "./case-store.ts"
import { readExposureDays } from "./exposure-store.ts"
import { countFalsePositives, countJudgedMatches } from "./list-store.ts"
import { toExposure, toLists, toSeries } from "./parts.ts"
import { toBuckets, toRange, toText } from "./range.ts"
import { countReports, readReportTimes } from "./report-store.ts"
import { toShare } from "./share.ts"
import type { Insights, Range } from "./types.ts"

/** Dependencies of insights. */
export interface InsightsDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly review: Pick<ReviewService, "agreement">
  /** IANA name of the zone at whose midnight a day of exposure ends. */
  readonly timeZone: string
  /** Maximum age of an answer, ms: requests for the same period meanwhile get the same one. 0 by default. */
  readonly keptMs?: number
}

/** Upper limits of the age classes of open cases, days. */
const AGES = [1, 3, 7] as const

/** Number of periods whose answers are kept at once; the oldest goes first. */
const MAX_KEPT = 32

/** Makes the service. Requests for a period that arrive while it is counted share one count. */
export function createInsights({ keptMs = 0, ...deps }: InsightsDeps): Insights {
  const counting = createCounting(deps)
  const kept = new Map<string, { readonly atMs: number; readonly answer: Promise<InsightsView> }>()
  return {
    of: async (asked) => {
      const now = deps.clock.now()
      const { from, to } = toText(toRange(asked, now))
      const key = `${from} ${to}`
      const known = kept.get(key)
      if (known !== undefined && Math.abs(now.getTime() - known.atMs) < keptMs) return known.answer
      const counted = { atMs: now.getTime(), answer: counting.of(asked) }
      kept.delete(key)
      kept.set(key, counted)
      const [first] = kept.keys()
      if (kept.size > MAX_KEPT && first !== undefined) kept.delete(first)
      counted.answer.catch(() => {
        if (kept.get(key) === counted) kept.delete(key)
      })
      return counted.answer
    },
  }
}

function createCounting({ db, clock, review, timeZone }: Omit<InsightsDeps, "keptMs">): Insights {
  /** Days of the period that are over: while a day runs, two answers would reveal what one person did between them. */
  const exposure = async ({ from, to }: Range, now: Date) => {
    const first = utcDay(from)
    const asked = utcDay(new Date(to.getTime() - DAY_MS))
    const yesterday = dayBefore(localTime(now, timeZone).day)
    const last = asked.localeCompare(yesterday) < 0 ? asked : yesterday
    return toExposure(await readExposureDays(db, { first, last }))
  }
  const agreement = async ({ from, to }: Range) => ({
    from: from.toISOString(),
    to: to.toISOString(),
    ...(await review.agreement(from, to)),
  })
  const openAges = async (at: Date): Promise<InsightsView["openAges"]> => {
    const [under1Day = 0, days1To3 = 0, days3To7 = 0, over7Days = 0] = await countOpenByAge(db, at, AGES)
    return { at: at.toISOString(), under1Day, days1To3, days3To7, over7Days }
  }
  const reports = async (range: Range): Promise<InsightsView["reports"]> => {
    const { testFinished, ...counts } = await countReports(db, toText(range))
    const { sinceDetection, sinceKnowledge } = await readReportTimes(db, toText(range))
    return {
      ...counts,
      testExcluded: testFinished,
      detectionToSubmit: sinceDetection,
      knowledgeToSubmit: sinceKnowledge,
    }
  }

  return {
    of: async (asked) => {
      const now = clock.now()
      const range = toRange(asked, now)
      const text = toText(range)
      const buckets = toBuckets(range)
      const findings = await countFindings(db, text)
      const byDay = { findings, opened: await countOpened(db, text), decided: await countDecided(db, text) }
      const second = await agreement(range)
      return {
        ...text,
        at: now.toISOString(),
        bucket: buckets.unit,
        series: toSeries(buckets, byDay),
        findingsDenied: await countDenied(db, text),
        testFindingsExcluded: findings.reduce((sum, { kind, count }) => (kind === "test" ? sum + count : sum), 0),
        openAges: await openAges(new Date(Math.min(range.to.getTime(), now.getTime()))),
        timeToDecision: await readDecisionTimes(db, text),
        lists: toLists(await countJudgedMatches(db, text)),
        falsePositives: await countFalsePositives(db, text),
        agreement: second,
        agreementShare: toShare(second.agreed, second.agreed + second.disagreed),
        reports: await reports(range),
        exposure: await exposure(range, now),
      }
    },
  }
}

function dayBefore(day: string): string {
  return utcDay(new Date(Date.parse(day) - DAY_MS))
}
