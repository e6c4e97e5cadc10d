import type { ExposureView } from "@nightlight/contract/server"
import type { SchemaOutput } from "../api/schema-output.ts"

/** A break, from `since` to `until` (ISO 8601). */
export interface Break {
  /** `own`: the person took it and ends it at will; `due`: nothing can be viewed until it is over. */
  readonly kind: "own" | "due"
  readonly since: string
  readonly until: string
}

/** The break that blocks viewing now: one that the person took, or one that is due; `undefined` if there is none. */
export function activeBreak(view: SchemaOutput<typeof ExposureView> | undefined): Break | undefined {
  if (view?.blocked?.by !== "break") return undefined
  const until = view.onBreakUntil ?? view.blocked.until
  const since = new Date(Date.parse(until) - view.limits.breakMinutes * 60_000).toISOString()
  return { kind: view.onBreakUntil === undefined ? "due" : "own", since, until }
}
