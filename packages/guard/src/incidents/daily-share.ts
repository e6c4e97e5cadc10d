/**
 * How much of the spool one account may take in a day: 100,000 blocks of one leave room for everybody else's.
 * @module
 */
import { utcDay } from "@nightlight/core"

/** Counts incidents by whose they are, by the day (UTC). */
export interface DailyShare {
  count(subjectKey: string, at: Date): void
  /** Whether somebody has used the day's share up. */
  isSpent(subjectKey: string, now: Date, limit: number): boolean
  /** Whether nobody has: then nothing needs to be looked up. */
  readonly isUnused: boolean
}

/** Accounts that are remembered at once; those counted least recently are forgotten first. */
const MAX_ACCOUNTS = 200_000

/** Makes a count that begins at nothing. */
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
