import type { ReactNode } from "react"

/** The page. */
export function SetupScreen(): ReactNode {
  return null
}
