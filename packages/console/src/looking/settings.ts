/**
 * How a person wants looks to be: stricter than the organisation's, never looser.
 * @module
 */
import type { LookPreferences } from "../api/preferences.ts"

/** How a small copy is shown. */
export type LookSettings = LookPreferences

/** For each setting, the stricter of two. */
export function stricter(a: LookSettings, b: LookSettings): LookSettings {
  return {
    sizePx: Math.min(a.sizePx, b.sizePx),
    blurPx: Math.max(a.blurPx, b.blurPx),
    hideAfterSeconds: Math.min(a.hideAfterSeconds, b.hideAfterSeconds),
    greyscale: a.greyscale || b.greyscale,
  }
}

/** Whether the first shows less than the second in any way. */
export function isStricter(own: LookSettings, floor: LookSettings): boolean {
  const both = stricter(own, floor)
  return (Object.keys(floor) as (keyof LookSettings)[]).some((name) => both[name] !== floor[name])
}
