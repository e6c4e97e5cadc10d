/**
 * Being away from the screen: a break, or the end of a shift. The gate around every page makes it; whoever has a button
 * for it asks here.
 * @module
 */
import { createContext, useContext } from "react"

/** What somebody can do. */
export interface Away {
  /** Takes a break, at once; nobody asks why. */
  readonly takeBreak: () => void
  /** Ends the day. */
  readonly endShift: () => void
}

/** Given by the gate. */
export const AwayContext = createContext<Away>({ takeBreak: () => undefined, endShift: () => undefined })

/** Ways to go away. */
export function useAway(): Away {
  return useContext(AwayContext)
}
