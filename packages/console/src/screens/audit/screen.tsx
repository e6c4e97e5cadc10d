import type { ReactNode } from "react"

/** The page. */
export function AuditScreen(): ReactNode {
  return null
}
