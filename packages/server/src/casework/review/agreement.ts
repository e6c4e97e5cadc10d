/**
 * How often two people judge alike, from the log alone.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { toAuditEvent } from "../../platform/events/read.ts"
import { toCaseEvent } from "../cases/state/events.ts"
import { DIFFERENCES, type Difference } from "./agree.ts"
import { SECOND_REVIEW_REASONS, type SecondReviewReason } from "./rules.ts"

/** Counts of second reviews. */
export interface Agreement {
  /** First decisions for which a second review was requested. */
  readonly requested: number
  /**
   * Reasons, for decisions whose second review is over; one may have several. Before that, the reason would reveal the
   * first decision to the second person.
   */
  readonly byReason: Readonly<Record<SecondReviewReason, number>>
  readonly agreed: number
  readonly disagreed: number
  /** By difference; one decision may differ in several. */
  readonly disagreedIn: Readonly<Record<Difference, number>>
  readonly resolved: number
  readonly waived: number
}

/** Counts over the events between two times. */
export async function readAgreement(db: Kysely<Tables>, from: Date, to: Date): Promise<Agreement> {
  const [start, end] = [from.toISOString(), to.toISOString()]
  const byReason = zeros(SECOND_REVIEW_REASONS)
  const disagreedIn = zeros(DIFFERENCES)
  const decided = { none: 0, agreed: 0, resolved: 0, waived: 0 }
  const requests: SecondReviewRequest[] = []
  let disagreed = 0
  /** Cases whose second review is over by now, even if it ended after `to`. */
  const compared = new Set<string>()
  for (const entry of await readSecondReviews(db, start)) {
    const event = toCaseEvent(entry)
    const isCounted = entry.at < end
    const subject = subjectOf(entry)
    if (event?.type === "case.second-review-requested") {
      if (isCounted) requests.push({ subject, why: event.data.why })
      continue
    }
    // From then on the second person may know the first decision.
    compared.add(subject)
    if (!isCounted) continue
    if (event?.type === "case.disagreed") {
      disagreed++
      for (const what of DIFFERENCES) if (event.data.differ.includes(what)) disagreedIn[what]++
    } else if (event?.type === "case.decided") {
      decided[event.data.secondReview]++
    }
  }
  for (const { why } of requests.filter(({ subject }) => compared.has(subject))) {
    for (const reason of SECOND_REVIEW_REASONS) if (why.includes(reason)) byReason[reason]++
  }
  const { agreed, resolved, waived } = decided
  return { requested: requests.length, byReason, agreed, disagreed, disagreedIn, resolved, waived }
}

/** Events of second reviews since a time, in order. Decisions without one, which are most, stay in the database. */
async function readSecondReviews(db: Kysely<Tables>, since: string): Promise<readonly AuditEvent[]> {
  const { rows } = await sql<{ line: string }>`
    SELECT seq, line FROM events WHERE type IN ('case.second-review-requested', 'case.disagreed') AND at >= ${since}
    UNION ALL
    SELECT seq, line FROM events
    WHERE type = 'case.decided' AND line::jsonb -> 'data' ->> 'secondReview' <> 'none' AND at >= ${since}
    ORDER BY seq`.execute(db)
  return rows.map(({ line }) => toAuditEvent(line))
}

interface SecondReviewRequest {
  readonly subject: string
  readonly why: readonly string[]
}

/** The case, which every event of a second review names. */
function subjectOf({ data }: AuditEvent): string {
  return typeof data["subject"] === "string" ? data["subject"] : ""
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}
