/**
 * Conversion between typed days (`2026-05-01`, in the user's time zone) and ISO 8601 times.
 * @module
 */

/** The first moment of a typed day, as an ISO 8601 time. */
export const startOfDay = (typed: string): string => new Date(`${typed}T00:00:00`).toISOString()

/** The last moment of a typed day, as an ISO 8601 time. */
export const endOfDay = (typed: string): string => new Date(`${typed}T23:59:59.999`).toISOString()

/** The day of a time, as a date field holds it. */
export function toDay(at: Date): string {
  const two = (part: number) => String(part).padStart(2, "0")
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
