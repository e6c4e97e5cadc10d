import type { ReactNode } from "react"

/** The page. */
export function EvidenceScreen(): ReactNode {
  return null
}
