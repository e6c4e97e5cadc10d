import type { ReactNode } from "react"

/** The page. */
export function ActsScreen(): ReactNode {
  return null
}
