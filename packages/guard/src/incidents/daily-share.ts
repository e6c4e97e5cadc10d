/**
 * The share of the spool that one account may use in a day, so that 100,000 blocks of one account leave room for all
 * others.
 * @module
 */
import { utcDay } from "@nightlight/core"

/** Counts incidents by subject and day (UTC). */
export interface DailyShare {
  count(subjectKey: string, at: Date): void
  /** Whether a subject has used up the day's share. */
  isSpent(subjectKey: string, now: Date, limit: number): boolean
  /** True while no share is in use, which saves the look-up. */
  readonly isUnused: boolean
}

/** Accounts remembered at once; those counted least recently are forgotten first. */
const MAX_ACCOUNTS = 200_000

/** Makes a count that begins at 0. */
export function createDailyShare(): DailyShare {
  const spent = new Map<string, number>()
  let day = ""
  const turn = (at: Date) => {
    const today = utcDay(at)
    if (today <= day) return today === day
    day = today
    spent.clear()
    return true
  }
  return {
    count: (subjectKey, at) => {
      if (!turn(at)) return
      const count = (spent.get(subjectKey) ?? 0) + 1
      spent.delete(subjectKey)
      spent.set(subjectKey, count)
      for (const oldest of spent.keys()) {
        if (spent.size <= MAX_ACCOUNTS) break
        spent.delete(oldest)
      }
    },
    isSpent: (subjectKey, now, limit) => turn(now) && (spent.get(subjectKey) ?? 0) >= limit,
    get isUnused() {
      return spent.size === 0
    },
  }
}
