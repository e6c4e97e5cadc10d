/**
 * When the provider came to know, and until when it means to have reported: docs/adr/0016-knowledge-starts-at-the-match.md.
 * @module
 */
import type { CaseEventData } from "./events.ts"
import type { CaseHead } from "./head.ts"
import type { Strength } from "./types.ts"

/** Target from knowledge to report. The law says "as soon as reasonably possible" (18 USC 2258A(a)(1)). */
export const REPORT_TARGET_MS = 24 * 3_600_000

/** Shares of the time to the deadline, in percent, at which an alarm is raised. */
export const ALARM_PERCENTS = [75, 90, 100] as const

/** When what was known at a time is due. */
export function dueAfter(at: string): string {
  return new Date(Date.parse(at) + REPORT_TARGET_MS).toISOString()
}

/**
 * What an incoming find makes known: an exact match of a trusted list counts as knowledge when it is taken in, before
 * any person saw it.
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
