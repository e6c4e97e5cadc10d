import type { ReactNode } from "react"

/** The page. */
export function ScansScreen(): ReactNode {
  return null
}
