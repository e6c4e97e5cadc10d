import type { ReactNode } from "react"

/** The page. */
export function JoinScreen(): ReactNode {
  return null
}
