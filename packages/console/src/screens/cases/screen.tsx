import type { ReactNode } from "react"

/** The page. */
export function CasesScreen(): ReactNode {
  return null
}
