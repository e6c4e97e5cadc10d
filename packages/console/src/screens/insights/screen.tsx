import type { ReactNode } from "react"

/** The page. */
export function InsightsScreen(): ReactNode {
  return null
}
