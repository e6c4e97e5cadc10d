import type { ReactNode } from "react"

/** The page. */
export function AdministrationScreen(): ReactNode {
  return null
}
