/**
 * Times, sizes and counts as text.
 * @module
 */
import { common } from "#messages/common.ts"
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./durations.ts"

const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" })
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" })
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" })
const NUMBER = new Intl.NumberFormat("en")

/** Date and time in the user's time zone. */
export const dateTime = (iso: string): string => DATE.format(new Date(iso))

/** Date in the user's time zone. */
export const day = (iso: string): string => DAY.format(new Date(iso))

/** Time of day in the user's time zone, with the date unless it is today. */
export const timeOf = (iso: string): string =>
  day(iso) === day(new Date().toISOString()) ? TIME.format(new Date(iso)) : dateTime(iso)

/** A count with thousands separators. */
export const count = (value: number): string => NUMBER.format(value)

/** A duration in one unit, rounded down: `45 s`, `12 min`, `3 h`, `5 d`. */
export function duration(ms: number): string {
  const { units } = common
  const abs = Math.abs(ms)
  if (abs < MINUTE_MS) return `${Math.floor(abs / 1000)} ${units.s}`
  if (abs < HOUR_MS) return `${Math.floor(abs / MINUTE_MS)} ${units.min}`
  if (abs < 2 * DAY_MS) return `${Math.floor(abs / HOUR_MS)} ${units.h}`
  return `${Math.floor(abs / DAY_MS)} ${units.d}`
}

/** How long ago a time was, such as `12 min ago`. */
export function ago(iso: string, nowMs: number): string {
  const ms = nowMs - Date.parse(iso)
  return ms < MINUTE_MS ? common.justNow : common.ago(duration(ms))
}

/** A size in decimal units. */
export function bytes(value: number): string {
  const names = ["B", "kB", "MB", "GB", "TB"]
  const step = Math.min(names.length - 1, Math.floor(Math.log10(Math.max(value, 1)) / 3))
  const scaled = value / 1000 ** step
  return `${scaled >= 100 || step === 0 ? Math.round(scaled) : scaled.toFixed(1)} ${names[step] ?? "B"}`
}

/** Words joined for a sentence: `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string => new Intl.ListFormat("en-GB").format(words)

/** A short form of an id or a digest: the first eight digits, which suffice to distinguish two on a page. */
export const shortId = (id: string): string =>
  id.replace(/^([a-z]+-[0-9a-f]{8})-.*$|^([0-9a-f]{8})[0-9a-f]{32,}$/, "$1$2")
