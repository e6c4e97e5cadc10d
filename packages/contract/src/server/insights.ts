/**
 * Insights over HTTP: counts over time that name nobody. Each number can be recomputed from the log. Test cards,
 * reports to the test host and their effects are left out of every number unless it says otherwise.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"
import { AgreementView, BASES } from "./review.ts"

const Count = z.int().nonnegative()
const Seconds = z.number().nonnegative()

/** Up to this many days an answer counts by day; above it by week. */
export const INSIGHTS_MAX_DAYS_BY_DAY = 90
/** Longest period that can be requested, days. */
export const INSIGHTS_MAX_DAYS = 731
/** Exposure of fewer people than this in one day is not shown. */
export const EXPOSURE_MIN_PEOPLE = 5

/**
 * `GET /v1/insights` query: by default the last 30 days up to now; `from` is included, `to` is not. Both are widened to
 * whole days in UTC.
 */
export const InsightsQuery = z.strictObject({ from: Timestamp.exactOptional(), to: Timestamp.exactOptional() })

/** A share with its Wilson score interval at 95 %: `count` of `of`, as a share of 0 to 1. */
export const ShareView = z.strictObject({
  count: Count,
  of: Count,
  /** Absent if `of` is 0: nothing is known. */
  share: z.number().min(0).max(1).exactOptional(),
  low: z.number().min(0).max(1),
  high: z.number().min(0).max(1),
})
export type ShareView = z.infer<typeof ShareView>

/** How long something took. Percentiles by nearest rank; absent if `count` is 0. */
export const DurationView = z.strictObject({
  count: Count,
  medianSeconds: Seconds.exactOptional(),
  p90Seconds: Seconds.exactOptional(),
})
export type DurationView = z.infer<typeof DurationView>

/** One day or week, in UTC. */
export const InsightsBucket = z.strictObject({
  /** Its first moment; a week begins on Monday, except the first one of an answer. */
  start: Timestamp,
  /** Findings that were verified and attached to a case (`finding.verified`), by what the case is about. */
  findings: z.strictObject({ dataset: Count, account: Count, direct: Count }),
  /** Cases opened (`case.opened`). */
  opened: Count,
  /** Cases decided (`case.decided`), automatic ones included. */
  decided: Count,
  /** Of them, decided without a person, under a filing authorisation (`case.decided-automatically`). */
  automatic: Count,
  /** Of `decided`, by the decision's basis. */
  byBasis: z.strictObject(
    Object.fromEntries(BASES.map((basis) => [basis, Count])) as Record<(typeof BASES)[number], typeof Count>,
  ),
})
export type InsightsBucket = z.infer<typeof InsightsBucket>

/** Age of the cases that were open at `at`: opened before, and not decided by then. */
export const OpenAges = z.strictObject({
  /** The end of the period, or now if that is earlier. */
  at: Timestamp,
  under1Day: Count,
  days1To3: Count,
  days3To7: Count,
  over7Days: Count,
})

/**
 * One hash list, over the items that matched it in cases that people decided within the period. An item that matched
 * two lists counts for both.
 */
export const ListPrecision = z.strictObject({
  list: z.string(),
  /** Included in a case decided under a law. */
  reportable: Count,
  /** In a case decided to violate the operator's policy. */
  policyViolation: Count,
  /** In a case decided to be no violation. */
  notViolation: Count,
  /** In a case decided under a law, and left out of its report. */
  leftOut: Count,
  /** Precision: `reportable` and `policyViolation` of all four. */
  precision: ShareView,
  /** The same only over cases that two people judged independently (a second review agreed, or was resolved). */
  secondReviewed: ShareView,
})
export type ListPrecision = z.infer<typeof ListPrecision>

/** False positives of matches within the period, of all lists together; see `GET /v1/lists` for each. */
export const FalsePositiveInsights = z.strictObject({
  /** Opened by a reviewer (`false-positive.opened`). */
  opened: Count,
  /** Withdrawn (`false-positive.withdrawn`). */
  withdrawn: Count,
  /** Made a known false positive by two people (`list.false-positive-recorded`). */
  known: Count,
  /** Known false positives that were ended (`list.false-positive-ended`). */
  ended: Count,
})

/** Reports to the production host within the period, and the time to the first one of each case. */
export const ReportInsights = z.strictObject({
  /** Accepted by the CyberTipline (`report.finished`), or filed through its own form (`report.filed-manually`). */
  finished: Count,
  /** Of `finished`, through the CyberTipline's own form. */
  manual: Count,
  /** Stopped for a person (`report.held`); one report may be held more than once. */
  held: Count,
  /** Attempts that were retracted at the CyberTipline (`report.retract-ended`, accepted). */
  retracted: Count,
  /** Finished at the test host: in no other number here. */
  testExcluded: Count,
  /** From the verification of the case's first item (`case.opened`) to the finished report. */
  detectionToSubmit: DurationView,
  /** From the provider's knowledge (earliest `case.knowledge-recorded`) to the finished report. */
  knowledgeToSubmit: DurationView,
})

/**
 * Exposure of everybody together. A day on which fewer than {@link EXPOSURE_MIN_PEOPLE} people viewed something is in
 * no number here, so that the difference of two answers reveals nothing about a person.
 */
export const ExposureInsights = z.strictObject({
  /** Whether there were viewings, but every day with one was left out: then there are no numbers. */
  suppressed: z.boolean(),
  /** Days left out for too few people. */
  daysSuppressed: Count,
  /**
   * Days in the installation's own zone that are over, except those without a viewing. Failed viewings are not counted.
   */
  days: z.array(
    z.strictObject({ day: z.string(), viewings: Count, originals: Count, minutes: z.number().nonnegative() }),
  ),
  /** Sums over `days`; absent if there are none. */
  viewings: Count.exactOptional(),
  originals: Count.exactOptional(),
  minutes: z.number().nonnegative().exactOptional(),
})

/** `GET /v1/insights` answer. */
export const InsightsView = z.strictObject({
  from: Timestamp,
  to: Timestamp,
  /** When it was counted. */
  at: Timestamp,
  /** Length of one entry of `series`: a day up to {@link INSIGHTS_MAX_DAYS_BY_DAY} days, else a week. */
  bucket: z.enum(["day", "week"]),
  /** Oldest first, without gaps. */
  series: z.array(InsightsBucket),
  /** Findings that this installation's own lists did not confirm (`finding.denied`). */
  findingsDenied: Count,
  /** Items in cases that contain only test cards; in no other number here. */
  testFindingsExcluded: Count,
  openAges: OpenAges,
  /** From opening to decision, of cases that people decided within the period. */
  timeToDecision: DurationView,
  /** By name of list; without those of test cards. */
  lists: z.array(ListPrecision),
  falsePositives: FalsePositiveInsights,
  /** Second reviews, counted as in `GET /v1/review/agreement`. */
  agreement: AgreementView,
  /** Of second reviews that ended (agreed or disagreed), those that agreed. */
  agreementShare: ShareView,
  reports: ReportInsights,
  exposure: ExposureInsights,
})
export type InsightsView = z.infer<typeof InsightsView>
