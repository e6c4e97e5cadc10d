/**
 * Limits of viewing as a form holds them, and which way a change goes.
 * @module
 */
import type { Limits } from "../queries.ts"

/** Name of a limit. */
export type LimitName = keyof Limits
/** In the order in which they are read. */
export const LIMIT_NAMES: readonly LimitName[] = [
  "itemsPerDay",
  "minutesPerDay",
  "originalsPerDay",
  "breakAfterMinutes",
  "breakMinutes",
]
/** Least and largest of each, as the server takes them. */
export const BOUNDS: Readonly<Record<LimitName, readonly [number, number]>> = {
  itemsPerDay: [0, 500],
  originalsPerDay: [0, 100],
  minutesPerDay: [0, 300],
  breakAfterMinutes: [5, 120],
  breakMinutes: [5, 120],
}

/** A form's fields: text, empty where nothing is typed. */
export type Typed = Readonly<Record<LimitName, string>>

/** Fills a form. */
export function toTyped(limits: Limits): Typed {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, String(limits[name])])) as Typed
}

/** What a form says that differs from what holds. An emptied field is left as it is. */
export function toChanges(typed: Typed, before: Limits): Partial<Limits> {
  const changed = LIMIT_NAMES.filter((name) => typed[name].trim() !== "" && Number(typed[name]) !== before[name])
  return Object.fromEntries(changed.map((name) => [name, Number(typed[name])]))
}

/** Whether a change of one limit lets more through. */
export function isLooser(name: LimitName, to: number, from: number): boolean {
  return name === "breakMinutes" ? to < from : to > from
}
