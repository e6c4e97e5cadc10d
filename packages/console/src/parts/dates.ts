/**
 * Days as a person types them (`2026-05-01`, in the reader's zone) and times as the server takes them.
 * @module
 */

/** The first moment of a day. */
export const startOfDay = (typed: string): string => new Date(`${typed}T00:00:00`).toISOString()

/** The last moment of a day. */
export const endOfDay = (typed: string): string => new Date(`${typed}T23:59:59.999`).toISOString()

/** A moment as a day's field holds it. */
export function toDay(at: Date): string {
  const two = (part: number) => String(part).padStart(2, "0")
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
