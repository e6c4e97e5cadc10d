/**
 * What a person keeps for themselves: how looks are for them, the theme, whether they have seen the tour.
 * @module
 */
import { queryOptions } from "@tanstack/react-query"
import { call } from "./call.ts"

/** How a small copy is shown. */
export interface LookPreferences {
  /** Longest side, px. */
  readonly sizePx: number
  /** Blur besides the custodian's own, px. */
  readonly blurPx: number
  /** How long it stays visible at most, seconds. */
  readonly hideAfterSeconds: number
  readonly greyscale: boolean
}

/** `GET /v1/me/preferences`. */
export interface Preferences {
  readonly tourDone: boolean
  readonly theme: "light" | "dark" | "auto"
  readonly look: LookPreferences
  /** The organisation's, which nobody's own can be looser than. */
  readonly floor: LookPreferences
}

/** The caller's. */
export const preferencesQuery = queryOptions({
  queryKey: ["preferences"],
  queryFn: ({ signal }) => call<Preferences>("GET", "/v1/me/preferences", { signal }),
})

/** Changes some; what is not named stays. */
export const putPreferences = (body: Partial<Omit<Preferences, "floor">>): Promise<Preferences> =>
  call("PUT", "/v1/me/preferences", { body })
