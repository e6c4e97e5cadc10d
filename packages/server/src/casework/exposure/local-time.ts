/**
 * Days and times of day in a time zone.
 * @module
 */
import { HOUR_MS } from "@nightlight/core"

/** Date and time of day in a zone: `2026-03-02` and `16:05`. */
export function localTime(at: Date, timeZone: string): { readonly day: string; readonly time: string } {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? ""
  return { day: `${part("year")}-${part("month")}-${part("day")}`, time: `${part("hour")}:${part("minute")}` }
}

/** First minute of the next day in a zone, where days may have 23 or 25 hours. */
export function nextDay(at: Date, timeZone: string): Date {
  const { day, time } = localTime(at, timeZone)
  const [hours = 0, minutes = 0] = time.split(":").map(Number)
  const minute = Math.floor(at.getTime() / 60_000) * 60_000
  const guess = minute + 24 * HOUR_MS - (hours * 60 + minutes) * 60_000
  for (const shifted of [guess - HOUR_MS, guess, guess + HOUR_MS]) {
    if (localTime(new Date(shifted), timeZone).day > day) return new Date(shifted)
  }
  return new Date(guess)
}
