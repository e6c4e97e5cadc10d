/**
 * Being away from the screen: a break, or the end of a shift. `ExposureGate` provides it to every component
 * below.
 * @module
 */
import { createContext, useContext } from "react"

/** Ways to go away. */
export interface Away {
  readonly takeBreak: () => void
  readonly endShift: () => void
}

/** Provided by the exposure gate around every page. */
export const AwayContext = createContext<Away>({ takeBreak: () => undefined, endShift: () => undefined })

/** The ways to take a break and to end the shift. */
export function useAway(): Away {
  return useContext(AwayContext)
}
