/**
 * Whether a person may look now. Only looking is ever in question: no budget keeps anybody from deciding or filing
 * without a look.
 * @module
 */
import { localTime, nextDay } from "./local-time.ts"
import type { Block, DayCounts, Limits, Strain } from "./types.ts"

/** What {@link blockOf} judges by. */
export interface BudgetFacts {
  readonly now: Date
  readonly timeZone: string
  readonly limits: Limits
  /** Of today. */
  readonly counts: DayCounts
  readonly strain: Strain
  readonly original: boolean
  /** Whether the person decided another case since the last look. */
  readonly otherWork: boolean
}

const MINUTE_MS = 60_000

/** Says why a person may not look now, and until when; `undefined` if they may. */
export function blockOf(facts: BudgetFacts): Block | undefined {
  const { now, timeZone, limits, counts, strain, original, otherWork } = facts
  const breakUntil = onBreakUntil(strain, limits, now)
  if (breakUntil !== undefined) return { by: "break", until: breakUntil }
  const tomorrow = () => nextDay(now, timeZone)
  if (limits.cutOff !== null && localTime(now, timeZone).time >= limits.cutOff)
    return { by: "cut-off", until: tomorrow() }
  if (counts.looks >= limits.itemsPerDay) return { by: "items", until: tomorrow() }
  if (original && counts.originals >= limits.originalsPerDay) return { by: "originals", until: tomorrow() }
  if (counts.seconds >= limits.minutesPerDay * 60) return { by: "minutes", until: tomorrow() }
  if (hasRested(strain, limits, now)) return undefined
  const until = new Date(lastLookMs(strain, now) + limits.breakMinutes * MINUTE_MS)
  const due = breakDueAt(strain, limits, now)
  if (due !== undefined && due.getTime() <= now.getTime()) return { by: "break", until }
  if (!otherWork && strain.consecutive >= limits.consecutive) return { by: "consecutive", until }
  return undefined
}

/** Whether the last look is as long ago as a break lasts. */
export function hasRested(strain: Strain, { breakMinutes }: Limits, now: Date): boolean {
  return strain.lastLookAt === undefined || now.getTime() - lastLookMs(strain, now) >= breakMinutes * MINUTE_MS
}

/** When the next break is due if looking goes on; `undefined` after a rest. */
export function breakDueAt(strain: Strain, limits: Limits, now: Date): Date | undefined {
  if (strain.stretchStartedAt === undefined || hasRested(strain, limits, now)) return undefined
  const started = Math.min(Date.parse(strain.stretchStartedAt), now.getTime())
  return new Date(started + limits.breakAfterMinutes * MINUTE_MS)
}

/** End of the break under way. One that ends later than a break lasts was begun by a clock set back since. */
export function onBreakUntil({ breakUntil }: Strain, { breakMinutes }: Limits, now: Date): Date | undefined {
  if (breakUntil === undefined) return undefined
  const leftMs = Date.parse(breakUntil) - now.getTime()
  return leftMs > 0 && leftMs <= breakMinutes * MINUTE_MS ? new Date(breakUntil) : undefined
}

/** A look in the future was recorded by a clock set back since: it counts as of now. */
function lastLookMs({ lastLookAt }: Strain, now: Date): number {
  return lastLookAt === undefined ? -Infinity : Math.min(Date.parse(lastLookAt), now.getTime())
}
