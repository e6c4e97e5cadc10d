import type { ReactNode } from "react"

/** The page. */
export function OidcScreen(): ReactNode {
  return null
}
