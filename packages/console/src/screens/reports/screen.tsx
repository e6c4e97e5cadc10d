import type { ReactNode } from "react"

/** The page. */
export function ReportsScreen(): ReactNode {
  return null
}
