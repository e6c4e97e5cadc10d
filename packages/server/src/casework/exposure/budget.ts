/**
 * Decides whether a person may view something now. Only viewings are limited: no budget keeps anybody from deciding or
 * filing without one.
 * @module
 */
import { MINUTE_MS } from "@nightlight/core"
import { nextDay } from "./local-time.ts"
import type { Block, BreakState, DayCounts, Limits } from "./types.ts"

/** Input of {@link blockOf}. */
export interface BudgetFacts {
  readonly now: Date
  readonly timeZone: string
  readonly limits: Limits
  /** Counts of today. */
  readonly counts: DayCounts
  readonly breaks: BreakState
  readonly original: boolean
}

/** Gives the reason why a person may not view anything now, and until when; `undefined` if they may. */
export function blockOf({ now, timeZone, limits, counts, breaks, original }: BudgetFacts): Block | undefined {
  const breakUntil = onBreakUntil(breaks, limits, now)
  if (breakUntil !== undefined) return { by: "break", until: breakUntil }
  const tomorrow = () => nextDay(now, timeZone)
  if (counts.viewings >= limits.itemsPerDay) return { by: "items", until: tomorrow() }
  if (original && counts.originals >= limits.originalsPerDay) return { by: "originals", until: tomorrow() }
  if (counts.seconds >= limits.minutesPerDay * 60) return { by: "minutes", until: tomorrow() }
  const due = breakDueAt(breaks, limits, now)
  if (due === undefined || due.getTime() > now.getTime()) return undefined
  return { by: "break", until: new Date(lastViewingMs(breaks, now) + limits.breakMinutes * MINUTE_MS) }
}

/** Whether the last viewing was at least one break ago. */
export function hasTakenBreak(breaks: BreakState, { breakMinutes }: Limits, now: Date): boolean {
  return breaks.lastViewingAt === undefined || now.getTime() - lastViewingMs(breaks, now) >= breakMinutes * MINUTE_MS
}

/** When the next break is due if viewings go on; `undefined` after a rest. */
export function breakDueAt(breaks: BreakState, limits: Limits, now: Date): Date | undefined {
  if (breaks.stretchStartedAt === undefined || hasTakenBreak(breaks, limits, now)) return undefined
  const started = Math.min(Date.parse(breaks.stretchStartedAt), now.getTime())
  return new Date(started + limits.breakAfterMinutes * MINUTE_MS)
}

/** End of the current break. A break that ends later than breaks last was begun by a clock set back since. */
export function onBreakUntil({ breakUntil }: BreakState, { breakMinutes }: Limits, now: Date): Date | undefined {
  if (breakUntil === undefined) return undefined
  const leftMs = Date.parse(breakUntil) - now.getTime()
  return leftMs > 0 && leftMs <= breakMinutes * MINUTE_MS ? new Date(breakUntil) : undefined
}

/** A viewing in the future was recorded by a clock set back since, and counts as of now. */
function lastViewingMs({ lastViewingAt }: BreakState, now: Date): number {
  return lastViewingAt === undefined ? -Infinity : Math.min(Date.parse(lastViewingAt), now.getTime())
}
