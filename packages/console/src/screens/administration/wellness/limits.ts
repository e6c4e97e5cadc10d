/**
 * Limits on viewing as form fields, and whether a change loosens them.
 * @module
 */
import type { Limits } from "../queries.ts"

/** The name of a limit on viewing. */
export type LimitName = keyof Limits
/** The limits in the order of the form. */
export const LIMIT_NAMES: readonly LimitName[] = [
  "itemsPerDay",
  "minutesPerDay",
  "originalsPerDay",
  "breakAfterMinutes",
  "breakMinutes",
]
/** Minimum and maximum of each limit, as the server enforces them. */
export const BOUNDS: Readonly<Record<LimitName, readonly [number, number]>> = {
  itemsPerDay: [0, 500],
  originalsPerDay: [0, 100],
  minutesPerDay: [0, 300],
  breakAfterMinutes: [5, 120],
  breakMinutes: [5, 120],
}

/** The form's fields as text; empty if nothing is typed. */
export type LimitTexts = Readonly<Record<LimitName, string>>

/** The fields for the limits that apply. */
export function toTyped(limits: Limits): LimitTexts {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, String(limits[name])])) as LimitTexts
}

/** The limits that the form changes. An empty field changes nothing. */
export function toChanges(typed: LimitTexts, before: Limits): Partial<Limits> {
  const changed = LIMIT_NAMES.filter((name) => typed[name].trim() !== "" && Number(typed[name]) !== before[name])
  return Object.fromEntries(changed.map((name) => [name, Number(typed[name])]))
}

/** Whether changing a limit allows more viewing. */
export function isLooser(name: LimitName, to: number, from: number): boolean {
  return name === "breakMinutes" ? to < from : to > from
}
