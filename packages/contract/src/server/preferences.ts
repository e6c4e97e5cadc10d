/**
 * People's own preferences: the theme, the tour, viewing protections, stricter than the organisation's and never
 * looser, and the categories whose cases they are not given.
 * @module
 */
import { z } from "zod"

/** Range of each viewing protection; the organisation sets its own floor within it. */
export const VIEWING_RANGE = {
  /** Longest side of what is shown, CSS pixels. */
  sizePx: { min: 96, max: 256 },
  /** Standard deviation of the blur that is added to the custodian's own, CSS pixels. */
  blurPx: { min: 0, max: 24 },
  /** Time after which it is hidden again, seconds. */
  hideAfterSeconds: { min: 2, max: 10 },
} as const

const within = ({ min, max }: { readonly min: number; readonly max: number }) => z.int().min(min).max(max)

/** Viewing protections. */
export const ViewingPreferences = z.strictObject({
  sizePx: within(VIEWING_RANGE.sizePx),
  blurPx: within(VIEWING_RANGE.blurPx),
  hideAfterSeconds: within(VIEWING_RANGE.hideAfterSeconds),
  greyscale: z.literal(true),
})
export type ViewingPreferences = z.infer<typeof ViewingPreferences>

/** For each viewing protection, the stricter of two. */
export function stricterViewing(a: ViewingPreferences, b: ViewingPreferences): ViewingPreferences {
  return {
    sizePx: Math.min(a.sizePx, b.sizePx),
    blurPx: Math.max(a.blurPx, b.blurPx),
    hideAfterSeconds: Math.min(a.hideAfterSeconds, b.hideAfterSeconds),
    greyscale: true,
  }
}

/** Colours of the console; `system`: as on the person's device. */
export const ThemeName = z.enum(["system", "light", "dark"])
export type ThemeName = z.infer<typeof ThemeName>

/** Categories of hash lists, as a case names them; the next case never has one of them. */
export const OptOutCategories = z.array(z.string().regex(/^[A-Za-z0-9._:+-]{1,80}$/)).max(32)

/** `PUT /v1/me/preferences` body: omitted members stay. */
export const PreferencesBody = z.strictObject({
  tourDone: z.boolean().exactOptional(),
  theme: ThemeName.exactOptional(),
  viewing: ViewingPreferences.exactOptional(),
  optOutCategories: OptOutCategories.exactOptional(),
})
export type PreferencesBody = z.infer<typeof PreferencesBody>

/** Answer of `GET` and `PUT /v1/me/preferences`: the preferences in effect. */
export const PreferencesView = z.strictObject({
  tourDone: z.boolean(),
  theme: ThemeName,
  viewing: ViewingPreferences,
  optOutCategories: OptOutCategories,
  /** The loosest viewing protections that the organisation allows. */
  floor: ViewingPreferences,
})
export type PreferencesView = z.infer<typeof PreferencesView>
