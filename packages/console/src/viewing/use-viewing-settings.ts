import type { ViewingPreferences } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { preferencesQuery } from "../api/preferences.ts"

/** A person's own viewing settings, and the organisation's floor. */
export interface ViewingSettingsRead {
  readonly own: ViewingPreferences
  readonly floor: ViewingPreferences
}

/** The caller's viewing settings. Nothing is shown until they are loaded. */
export function useViewingSettings(): {
  readonly settings: ViewingSettingsRead | undefined
  readonly isFailed: boolean
} {
  const { data, isError } = useQuery(preferencesQuery)
  return { settings: data && { own: data.viewing, floor: data.floor }, isFailed: isError && data === undefined }
}
