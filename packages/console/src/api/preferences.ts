/**
 * A person's own preferences: how viewings are shown, the theme, and whether they have seen the tour.
 * @module
 */
import type { PreferencesBody, PreferencesView } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "./call.ts"

/** The caller's preferences as they apply, and the organisation's floor. */
export const preferencesQuery = queryOptions({
  queryKey: ["preferences"],
  queryFn: ({ signal }) => call<PreferencesView>("GET", "/v1/me/preferences", { signal }),
})

/** Changes the preferences that `body` names; the others stay as they are. */
export const putPreferences = (body: PreferencesBody): Promise<PreferencesView> =>
  call("PUT", "/v1/me/preferences", { body })
