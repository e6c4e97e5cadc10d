import type { LookPreferences } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { preferencesQuery } from "../api/preferences.ts"

/** A person's own look settings, and the organisation's that they never loosen. */
export interface LookSettingsRead {
  readonly own: LookPreferences
  readonly floor: LookPreferences
}

/** The caller's; nothing is shown before they are known. */
export function useLookSettings(): { readonly settings: LookSettingsRead | undefined; readonly isFailed: boolean } {
  const { data, isError } = useQuery(preferencesQuery)
  return { settings: data && { own: data.look, floor: data.floor }, isFailed: isError && data === undefined }
}
