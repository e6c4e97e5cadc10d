import { useMantineColorScheme } from "@mantine/core"
import type { PreferencesView } from "@nightlight/contract/server"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useEffect } from "react"
import { preferencesQuery, putPreferences } from "../api/preferences.ts"

/** A theme that people can choose. */
export type Theme = PreferencesView["theme"]

/** All themes, in the order of the menu. */
export const THEMES: readonly Theme[] = ["light", "dark", "system"]

/** The theme of this browser, and a function to choose another, which is saved for the person's other browsers too. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const client = useQueryClient()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const choose = (theme: Theme) => {
    setColorScheme(theme === "system" ? "auto" : theme)
    client.setQueryData(preferencesQuery.queryKey, (before) => before && { ...before, theme })
    // If it is not saved, it still applies to this browser.
    putPreferences({ theme }).catch(() => undefined)
  }
  return [colorScheme === "auto" ? "system" : colorScheme, choose]
}

/** Applies the theme that the person chose in another browser, once when the page loads. */
export function useOwnTheme(): void {
  const { data } = useQuery(preferencesQuery)
  const { setColorScheme } = useMantineColorScheme()
  const theme = data?.theme
  useEffect(() => {
    if (theme !== undefined) setColorScheme(theme === "system" ? "auto" : theme)
  }, [theme, setColorScheme])
}
