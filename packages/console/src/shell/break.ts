import type { ExposureView } from "@nightlight/contract/server"
import type { Of } from "../api/of.ts"

/** A break. */
export interface Break {
  /** `own`: taken, and ended at will; `due`: looking waits until it is over. */
  readonly kind: "own" | "due"
  readonly since: string
  readonly until: string
}

/** The break that the server speaks of: one that was taken, or one that is due before anything else is looked at. */
export function breakOf(view: Of<typeof ExposureView> | undefined): Break | undefined {
  if (view?.blocked?.by !== "break") return undefined
  const until = view.onBreakUntil ?? view.blocked.until
  const since = new Date(Date.parse(until) - view.limits.breakMinutes * 60_000).toISOString()
  return { kind: view.onBreakUntil === undefined ? "due" : "own", since, until }
}
