import type { ReactNode } from "react"

/** The page. */
export function SettingsScreen(): ReactNode {
  return null
}
