import type { ReactNode } from "react"

/** The page. */
export function ListsScreen(): ReactNode {
  return null
}
