/**
 * Viewing settings: a person's own may be stricter than the organisation's floor, never looser.
 * @module
 */
import type { ViewingPreferences } from "@nightlight/contract/server"

/** The stricter value of each setting. */
export function stricter(a: ViewingPreferences, b: ViewingPreferences): ViewingPreferences {
  return {
    sizePx: Math.min(a.sizePx, b.sizePx),
    blurPx: Math.max(a.blurPx, b.blurPx),
    hideAfterSeconds: Math.min(a.hideAfterSeconds, b.hideAfterSeconds),
    greyscale: true,
  }
}

/** Whether the person's own settings show less than the floor in any way. */
export function isStricter(own: ViewingPreferences, floor: ViewingPreferences): boolean {
  const both = stricter(own, floor)
  return (Object.keys(floor) as (keyof ViewingPreferences)[]).some((name) => both[name] !== floor[name])
}
