/**
 * Decides whether people are expected to work at a given time.
 * @module
 */
import type { WorkingHours } from "./types.ts"

/** Whether a moment is within the hours, in local time; weekends count as days. */
export function isWorkingHour(at: Date, { timeZone, from, to }: WorkingHours): boolean {
  const wall = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
  const now = wall.format(at)
  return from <= to ? from <= now && now < to : from <= now || now < to
}
