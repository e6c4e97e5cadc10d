/**
 * The events that exposure is projected from: each is its actor's own, and names the local day it counts to.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { BreakState, DayCounts } from "./types.ts"

/** What each event carries. */
export interface ExposureEventData {
  "look.requested": {
    look: string
    case: string
    item: string
    grant: string
    purpose: "derivative" | "original"
    reason: string
    day: string
    at: string
    /** Whether the person had rested before. */
    rested: boolean
  }
  /** Nothing was shown. */
  "look.failed": { look: string; code: string; purpose: "derivative" | "original"; day: string }
  /** `presumed`: nobody said how long it was visible. */
  "look.ended": { look: string; seconds: number; presumed: boolean; day: string; at: string }
  "break.started": { until: string }
  "break.ended": { at: string }
}

/** One event of a person's exposure. */
export type ExposureEvent = {
  readonly [T in keyof ExposureEventData]: { readonly type: T; readonly data: ExposureEventData[T] }
}[keyof ExposureEventData]

const TYPES: ReadonlySet<string> = new Set<ExposureEvent["type"]>([
  "look.requested",
  "look.failed",
  "look.ended",
  "break.started",
  "break.ended",
])

/** Reads an event of the log; `undefined` for one that counts nothing. */
export function toExposureEvent({ type, data }: AuditEvent): ExposureEvent | undefined {
  if (!TYPES.has(type)) return undefined
  // The log's chain was checked when the line was read, and the exposure service alone gives these types their data.
  return { type, data } as unknown as ExposureEvent
}

/** Somebody who has not viewed anything yet. */
export const RESTED: BreakState = { stretchStartedAt: undefined, lastLookAt: undefined, breakUntil: undefined }

/** A day without a viewing. */
export const NO_LOOKS: DayCounts = { looks: 0, originals: 0, seconds: 0 }

/** Applies one event to what a person's breaks follow from. */
export function applyToBreaks(breaks: BreakState, event: ExposureEvent): BreakState {
  switch (event.type) {
    case "look.requested": {
      const { at, rested } = event.data
      return { ...breaks, lastLookAt: at, stretchStartedAt: rested ? at : (breaks.stretchStartedAt ?? at) }
    }
    case "look.failed":
      return breaks
    case "look.ended":
      return { ...breaks, lastLookAt: event.data.at }
    case "break.started":
      return { ...breaks, breakUntil: event.data.until }
    case "break.ended":
      return { ...breaks, breakUntil: undefined }
    default:
      return event satisfies never
  }
}

/** Applies one event to the counts of its day; `undefined` if it counts to none. */
export function applyToDay(counts: DayCounts, event: ExposureEvent): DayCounts | undefined {
  switch (event.type) {
    case "look.requested":
      return { ...counts, looks: counts.looks + 1, originals: counts.originals + originals(event.data.purpose) }
    case "look.failed":
      return { ...counts, looks: counts.looks - 1, originals: counts.originals - originals(event.data.purpose) }
    case "look.ended":
      return { ...counts, seconds: counts.seconds + event.data.seconds }
    case "break.started":
    case "break.ended":
      return undefined
    default:
      return event satisfies never
  }
}

/** A person's exposure from the log alone. */
export function projectExposure(events: readonly AuditEvent[]): {
  readonly breaks: BreakState
  readonly days: ReadonlyMap<string, DayCounts>
} {
  let breaks = RESTED
  const days = new Map<string, DayCounts>()
  for (const entry of events) {
    const event = toExposureEvent(entry)
    if (event === undefined) continue
    breaks = applyToBreaks(breaks, event)
    if (!("day" in event.data)) continue
    const counts = applyToDay(days.get(event.data.day) ?? NO_LOOKS, event)
    if (counts !== undefined) days.set(event.data.day, counts)
  }
  return { breaks, days }
}

function originals(purpose: "derivative" | "original"): number {
  return purpose === "original" ? 1 : 0
}
