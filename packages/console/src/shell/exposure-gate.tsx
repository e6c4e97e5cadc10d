import type { ReactNode } from "react"

/** A break replaces the page; without one the page shows. */
export function ExposureGate({ children }: { readonly children: ReactNode }): ReactNode {
  return children
}
