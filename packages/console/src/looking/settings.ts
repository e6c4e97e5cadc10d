/**
 * How a person looks: stricter than the organisation's floor, never looser.
 * @module
 */
import type { LookPreferences } from "@nightlight/contract/server"

/** For each setting, the stricter of two. */
export function stricter(a: LookPreferences, b: LookPreferences): LookPreferences {
  return {
    sizePx: Math.min(a.sizePx, b.sizePx),
    blurPx: Math.max(a.blurPx, b.blurPx),
    hideAfterSeconds: Math.min(a.hideAfterSeconds, b.hideAfterSeconds),
    greyscale: true,
  }
}

/** Whether the first shows less than the second in any way. */
export function isStricter(own: LookPreferences, floor: LookPreferences): boolean {
  const both = stricter(own, floor)
  return (Object.keys(floor) as (keyof LookPreferences)[]).some((name) => both[name] !== floor[name])
}
