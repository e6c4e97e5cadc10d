/**
 * How often two people judge alike: derived from the log alone.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import { toCaseEvent } from "../cases/events.ts"
import type { Tables } from "../db/tables.ts"
import { readEvents } from "../events/read.ts"
import { DIFFERENCES, type Difference } from "./agree.ts"
import { SECOND_REVIEW_REASONS, type SecondReviewReason } from "./rules.ts"

/** Counts of second reviews. */
export interface Agreement {
  /** First decisions that a second person was asked to decide again. */
  readonly asked: number
  /**
   * Why, of those whose second review is over; one may have several reasons. Of the others the reason would tell the
   * second person what the first one decided.
   */
  readonly askedBy: Readonly<Record<SecondReviewReason, number>>
  readonly agreed: number
  readonly disagreed: number
  /** In what; one may differ in several. */
  readonly disagreedIn: Readonly<Record<Difference, number>>
  readonly resolved: number
  readonly waived: number
}

const TYPES = ["case.second-review-asked", "case.disagreed", "case.decided"] as const

/** Counts over the events between two times. */
export async function readAgreement(db: Kysely<Tables>, from: Date, to: Date): Promise<Agreement> {
  const events: AuditEvent[] = []
  const [start, end] = [from.toISOString(), to.toISOString()]
  for (const type of TYPES) events.push(...(await readEvents(db, { type, since: start })))
  const compared = new Set(events.flatMap((event) => (ENDS.has(event.type) ? subjectsOf(event) : [])))
  return countAgreement(
    events.filter(({ at }) => at >= start && at < end),
    compared,
  )
}

/** What ends the time in which the second person must not know the first decision. */
const ENDS: ReadonlySet<string> = new Set(["case.disagreed", "case.decided"])

function subjectsOf({ data }: AuditEvent): readonly string[] {
  return typeof data["subject"] === "string" ? [data["subject"]] : []
}

/** Counts over events. `compared`: cases whose second review is over by now. */
function countAgreement(events: readonly AuditEvent[], compared: ReadonlySet<string>): Agreement {
  const askedBy = zeros(SECOND_REVIEW_REASONS)
  const disagreedIn = zeros(DIFFERENCES)
  const decided = { none: 0, agreed: 0, resolved: 0, waived: 0 }
  let asked = 0
  let disagreed = 0
  for (const entry of events) {
    const event = toCaseEvent(entry)
    if (event?.type === "case.second-review-asked") {
      asked++
      if (!subjectsOf(entry).some((caseId) => compared.has(caseId))) continue
      for (const why of SECOND_REVIEW_REASONS) if (event.data.why.includes(why)) askedBy[why]++
    } else if (event?.type === "case.disagreed") {
      disagreed++
      for (const what of DIFFERENCES) if (event.data.differ.includes(what)) disagreedIn[what]++
    } else if (event?.type === "case.decided") {
      decided[event.data.secondReview]++
    }
  }
  const { agreed, resolved, waived } = decided
  return { asked, askedBy, agreed, disagreed, disagreedIn, resolved, waived }
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}
