/**
 * What a person keeps for themselves: how viewings are for them, the theme, whether they have seen the tour.
 * @module
 */
import type { PreferencesBody, PreferencesView } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "./call.ts"

/** The caller's, as they hold, and the organisation's floor. */
export const preferencesQuery = queryOptions({
  queryKey: ["preferences"],
  queryFn: ({ signal }) => call<PreferencesView>("GET", "/v1/me/preferences", { signal }),
})

/** Changes some; what is not named stays. */
export const putPreferences = (body: PreferencesBody): Promise<PreferencesView> =>
  call("PUT", "/v1/me/preferences", { body })
