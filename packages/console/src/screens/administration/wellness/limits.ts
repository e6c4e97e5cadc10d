/**
 * Limits of looking as a form holds them, and which way a change goes.
 * @module
 */

import type { Limits } from "../queries.ts"
import { administration as say } from "../words.ts"

/** Name of a limit. */
export type LimitName = keyof Limits
/** In the order in which they are read. */
export const LIMIT_NAMES: readonly LimitName[] = [
  ...(["itemsPerDay", "minutesPerDay", "originalsPerDay", "consecutive"] as const),
  ...(["breakAfterMinutes", "breakMinutes", "cutOff"] as const),
]
/** Least and largest of each, as the server takes them. */
export const BOUNDS: Readonly<Record<Exclude<LimitName, "cutOff">, readonly [number, number]>> = {
  itemsPerDay: [0, 500],
  originalsPerDay: [0, 100],
  minutesPerDay: [0, 300],
  breakAfterMinutes: [5, 120],
  breakMinutes: [5, 120],
  consecutive: [1, 100],
}

/** Without the members that are not set. */
export const given = (limits: Readonly<Record<string, unknown>>): Partial<Limits> =>
  Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))

/** A form's fields: text, empty where nothing is set. */
export type Typed = Readonly<Record<LimitName, string>>

/** Fills a form. */
export function toTyped(limits: Partial<Limits>): Typed {
  const text = (name: LimitName) => String(limits[name] ?? "")
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, text(name)])) as unknown as Typed
}

/** What a form says that differs from what stands. An emptied number is left as it is; an emptied time of day means none. */
export function toChanges(typed: Typed, before: Partial<Limits>): Partial<Limits> {
  const changed = LIMIT_NAMES.flatMap((name): readonly (readonly [string, number | string | null])[] => {
    const text = typed[name].trim()
    if (text === String(before[name] ?? "")) return []
    if (name === "cutOff") return [[name, text === "" ? null : text]]
    return text === "" ? [] : [[name, Number(text)]]
  })
  return Object.fromEntries(changed)
}

/** Whether a change of one limit lets more through. */
export function isLooser(name: LimitName, to: number | string | null, from: number | string | null): boolean {
  if (name === "cutOff") return from !== null && (to === null || String(to) > String(from))
  return name === "breakMinutes" ? Number(to) < Number(from) : Number(to) > Number(from)
}

/** A limit in words. */
export const valueWords = (value: number | string | null): string =>
  value === null ? say.wellness.noCutOff : String(value)
