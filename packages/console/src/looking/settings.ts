/**
 * How a person wants looks to be: stricter than the organisation's, never looser.
 * @module
 */

/** How a small copy is shown. */
export interface LookSettings {
  /** Longest side, px. */
  readonly sizePx: number
  /** Blur besides the custodian's own, px. */
  readonly blurPx: number
  /** How long it stays visible at most, seconds. */
  readonly hideAfterSeconds: number
  readonly greyscale: boolean
}

/** The larger never shows more: 256 px, ten seconds. */
export const MOST: LookSettings = { sizePx: 256, blurPx: 0, hideAfterSeconds: 10, greyscale: false }

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
