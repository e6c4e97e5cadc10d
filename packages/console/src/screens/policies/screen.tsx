import type { ReactNode } from "react"

/** The page. */
export function PoliciesScreen(): ReactNode {
  return null
}
