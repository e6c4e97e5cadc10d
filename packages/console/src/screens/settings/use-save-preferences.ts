import type { PreferencesBody, PreferencesView } from "@nightlight/contract/server"
import type { UseMutationResult } from "@tanstack/react-query"
import { preferencesQuery, putPreferences } from "../../api/preferences.ts"
import { useAction } from "../../parts/use-action.ts"

/** Saves preferences. The page's data is updated before `onSaved` is called. */
export function useSavePreferences(onSaved: () => void): UseMutationResult<PreferencesView, Error, PreferencesBody> {
  return useAction(putPreferences, ["preferences"], (answer, _, client) => {
    client.setQueryData(preferencesQuery.queryKey, answer)
    onSaved()
  })
}
