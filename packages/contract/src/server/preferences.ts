/**
 * What people set for themselves: the theme, the tour, how they view, stricter than the organisation and never looser,
 * and the categories whose cases they are not given.
 * @module
 */
import { z } from "zod"

/** Widest and narrowest of each setting of looking; the organisation sets its own floor between them. */
export const VIEWING_RANGE = {
  /** Longest side of what is shown, CSS pixels. */
  sizePx: { min: 96, max: 256 },
  /** Standard deviation of the blur that is added to the custodian's own, CSS pixels. */
  blurPx: { min: 0, max: 24 },
  /** After which it is hidden again, seconds. */
  hideAfterSeconds: { min: 2, max: 10 },
} as const

const within = ({ min, max }: { readonly min: number; readonly max: number }) => z.int().min(min).max(max)

/** How somebody looks. */
export const ViewingPreferences = z.strictObject({
  sizePx: within(VIEWING_RANGE.sizePx),
  blurPx: within(VIEWING_RANGE.blurPx),
  hideAfterSeconds: within(VIEWING_RANGE.hideAfterSeconds),
  greyscale: z.literal(true),
})
export type ViewingPreferences = z.infer<typeof ViewingPreferences>

/** Colours of the console; `system`: as the person's device has them. */
export const ThemeName = z.enum(["system", "light", "dark"])
export type ThemeName = z.infer<typeof ThemeName>

/** Categories of hash lists, as a case names them; the next case never has one of them. */
export const OptOutCategories = z.array(z.string().regex(/^[A-Za-z0-9._:+-]{1,80}$/)).max(32)

/** `PUT /v1/me/preferences` body: what is not named stays. */
export const PreferencesBody = z.strictObject({
  tourDone: z.boolean().exactOptional(),
  theme: ThemeName.exactOptional(),
  viewing: ViewingPreferences.exactOptional(),
  optOutCategories: OptOutCategories.exactOptional(),
})
export type PreferencesBody = z.infer<typeof PreferencesBody>

/** `GET /v1/me/preferences` answer, as `PUT` answers too: what holds now. */
export const PreferencesView = z.strictObject({
  tourDone: z.boolean(),
  theme: ThemeName,
  viewing: ViewingPreferences,
  optOutCategories: OptOutCategories,
  /** The loosest that the organisation lets anybody look. */
  floor: ViewingPreferences,
})
export type PreferencesView = z.infer<typeof PreferencesView>
