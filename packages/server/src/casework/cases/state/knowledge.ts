/**
 * When the provider came to know, and when a report is due: docs/adr/0016-knowledge-starts-at-the-match.md,
 * docs/adr/0026-what-else-starts-the-clock.md.
 * @module
 */

import { DAY_MS } from "@nightlight/core"
import type { Strength } from "../../../platform/db/tables/casework.ts"
import type { CaseEventData } from "./events.ts"
import type { CaseHead } from "./head.ts"

/** Target from knowledge to report. The law says "as soon as reasonably possible" (18 USC 2258A(a)(1)). */
export const REPORT_TARGET_MS = DAY_MS

/** Shares of the time to the deadline, in percent, at which an alarm is raised. */
export const ALARM_PERCENTS = [75, 90, 100] as const

/** Events that start a case's clock besides a decision, chosen by the organisation with counsel. */
export interface ClockRules {
  /** When a pushed match counts as known: when it was verified here, or when the source found it. */
  readonly startsAt: "intake" | "found"
  /** Whether a flag of imminent danger starts it. */
  readonly danger: boolean
  /** Whether a person's statement that they viewed a whole file starts it. */
  readonly attestedView: boolean
}

/** The rules that make a report due earliest without trusting a source's clock. */
export const CLOCK_RULES: ClockRules = { startsAt: "intake", danger: true, attestedView: true }

/**
 * Gives the event for knowledge by a person's flag or viewing; `undefined` if knowledge was recorded before, and for
 * test cases.
 */
export function knowledgeOfPerson(
  { kind, knowledgeAt }: CaseHead,
  at: string,
): CaseEventData["case.knowledge-recorded"] | undefined {
  if (kind === "test" || knowledgeAt !== undefined) return undefined
  return { how: "person", at, dueAt: dueAfter(at) }
}

/** When a report is due, from the time of knowledge. */
export function dueAfter(at: string): string {
  return new Date(Date.parse(at) + REPORT_TARGET_MS).toISOString()
}

/**
 * Gives the event for knowledge by an incoming item: an exact match of a trusted list counts when it is verified,
 * before any person saw it.
 */
export function knowledgeOfMatch(
  strength: Strength,
  head: CaseHead | undefined,
  at: string,
): CaseEventData["case.knowledge-recorded"] | undefined {
  if (strength !== "exact" || head?.matchedAt !== undefined) return undefined
  return { how: "trusted-match", at, dueAt: dueAfter(at) }
}

/** The alarm that is due and was not raised yet; `undefined` for none. */
export function alarmDue(head: CaseHead, now: Date): (typeof ALARM_PERCENTS)[number] | undefined {
  if (head.dueAt === undefined) return undefined
  const due = Date.parse(head.dueAt)
  const percent = ((now.getTime() - (due - REPORT_TARGET_MS)) / REPORT_TARGET_MS) * 100
  return ALARM_PERCENTS.findLast((step) => percent >= step && step > head.alarmed)
}
