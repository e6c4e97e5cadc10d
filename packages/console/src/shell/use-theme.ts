import { useMantineColorScheme } from "@mantine/core"
import type { PreferencesView } from "@nightlight/contract/server"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useEffect } from "react"
import { preferencesQuery, putPreferences } from "../api/preferences.ts"

/** A theme as people choose it. */
export type Theme = PreferencesView["theme"]

/** In the order that they are offered in. */
export const THEMES: readonly Theme[] = ["light", "dark", "system"]

/** The theme of this browser, and a way to choose one: it follows the person to their other browsers. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const client = useQueryClient()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const choose = (theme: Theme) => {
    setColorScheme(theme === "system" ? "auto" : theme)
    client.setQueryData(preferencesQuery.queryKey, (before) => before && { ...before, theme })
    // One that is not remembered holds here all the same.
    putPreferences({ theme }).catch(() => undefined)
  }
  return [colorScheme === "auto" ? "system" : colorScheme, choose]
}

/** Takes over the theme that the person chose elsewhere, once a page. */
export function useOwnTheme(): void {
  const { data } = useQuery(preferencesQuery)
  const { setColorScheme } = useMantineColorScheme()
  const theme = data?.theme
  useEffect(() => {
    if (theme !== undefined) setColorScheme(theme === "system" ? "auto" : theme)
  }, [theme, setColorScheme])
}
