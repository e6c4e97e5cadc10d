/**
 * Which case comes first, with reasons. A case's band says how grave it is; within a band the nearest time comes first.
 * Both depend on the case alone, so the queue needs no re-sorting as time passes.
 * @module
 */
import { BandName, type PriorityReasonName } from "@nightlight/contract/server"
import { HOUR_MS } from "@nightlight/core"
import type { CaseHead } from "./head.ts"

/** Bands, gravest first. */
export const BANDS = BandName.options
/** One of {@link BANDS}. */
export type Band = (typeof BANDS)[number]

/** A case's position in the queue. */
export interface Place {
  readonly band: Band
  /** Cases of one band are worked on in this order, earliest first. */
  readonly sortAt: Date
}

/** Without a deadline a case sorts as if it were due this long after it was opened. */
const ASSUMED_DUE_MS = 24 * HOUR_MS

/** Each further location moves a case forward by this much, up to {@link LOCATIONS_COUNTED} of them. */
const LOCATION_MS = 10 * 60_000
const LOCATIONS_COUNTED = 24

/** Computes a case's position. */
export function placeOf(head: CaseHead): Place {
  const band = head.kind === "test" ? "test" : head.danger ? "danger" : head.strength
  const due = head.dueAt === undefined ? Date.parse(head.openedAt) + ASSUMED_DUE_MS : Date.parse(head.dueAt)
  return { band, sortAt: new Date(due - Math.min(head.locations - head.items, LOCATIONS_COUNTED) * LOCATION_MS) }
}

/** A reason for a case's position: a code that the console translates to words. */
export type PriorityReason = (typeof PriorityReasonName.options)[number]

const DUE_SOON_MS = 6 * HOUR_MS
const MANY_LOCATIONS = 10

const OF_STRENGTH: Readonly<Record<CaseHead["strength"], PriorityReason>> = {
  exact: "trusted-exact",
  near: "trusted-near",
  unverified: "unverified",
  other: "no-list",
  test: "test-card",
}

/** Gives the reasons for a case's position, gravest first. */
export function reasonsOf(head: CaseHead, now: Date): readonly PriorityReason[] {
  const reasons: PriorityReason[] = []
  if (head.danger) reasons.push("imminent-danger")
  reasons.push(OF_STRENGTH[head.strength])
  if (isClockRunning(head) && head.dueAt !== undefined) {
    const leftMs = Date.parse(head.dueAt) - now.getTime()
    if (leftMs <= 0) reasons.push("overdue")
    else if (leftMs <= DUE_SOON_MS) reasons.push("due-soon")
  } else if (head.state !== "decided" && now.getTime() - Date.parse(head.openedAt) >= ASSUMED_DUE_MS) {
    reasons.push("waiting-long")
  }
  if (head.locations >= MANY_LOCATIONS) reasons.push("many-locations")
  return reasons
}

/**
 * Whether the case's deadline still counts: something is known, and it was neither filed nor decided as not reportable.
 */
export function isClockRunning({ dueAt, filedAt, decided }: CaseHead): boolean {
  return dueAt !== undefined && filedAt === undefined && (decided === undefined || decided.outcome === "reportable")
}
