import type { ReactNode } from "react"

/** Starts the tour again. */
export function startTour(): void {}

/** The tour of the first sign-in. */
export function Tour(): ReactNode {
  return null
}
