import type { ReactNode } from "react"

/** The page. */
export function HomeScreen(): ReactNode {
  return null
}
