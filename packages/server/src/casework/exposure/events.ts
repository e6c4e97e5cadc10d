/**
 * The events that exposure is projected from. Each belongs to its actor and names the local day that it counts for.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { BreakState, DayCounts } from "./types.ts"

/** Data of each event. `day` is a local date; `at` is ISO 8601 in UTC. */
export interface ExposureEventData {
  "viewing.requested": {
    viewing: string
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
  "viewing.failed": { viewing: string; code: string; purpose: "derivative" | "original"; day: string }
  /** `presumed`: nobody reported how long it was visible. */
  "viewing.ended": { viewing: string; seconds: number; presumed: boolean; day: string; at: string }
  "break.started": { until: string }
  "break.ended": { at: string }
}

/** An event of a person's exposure. */
export type ExposureEvent = {
  readonly [T in keyof ExposureEventData]: { readonly type: T; readonly data: ExposureEventData[T] }
}[keyof ExposureEventData]

const TYPES: ReadonlySet<string> = new Set<ExposureEvent["type"]>([
  "viewing.requested",
  "viewing.failed",
  "viewing.ended",
  "break.started",
  "break.ended",
])

/** Reads an event of the log; `undefined` for one that does not count. */
export function toExposureEvent({ type, data }: AuditEvent): ExposureEvent | undefined {
  if (!TYPES.has(type)) return undefined
  // The log's chain was checked when the line was read, and the exposure service alone gives these types their data.
  return { type, data } as unknown as ExposureEvent
}

/** A person who has not viewed anything yet. */
export const NO_VIEWINGS_YET: BreakState = {
  stretchStartedAt: undefined,
  lastViewingAt: undefined,
  breakUntil: undefined,
}

/** A day without a viewing. */
export const NO_VIEWINGS: DayCounts = { viewings: 0, originals: 0, seconds: 0 }

/** Applies one event to the state that a person's breaks follow from. */
export function applyToBreaks(breaks: BreakState, event: ExposureEvent): BreakState {
  switch (event.type) {
    case "viewing.requested": {
      const { at, rested } = event.data
      return { ...breaks, lastViewingAt: at, stretchStartedAt: rested ? at : (breaks.stretchStartedAt ?? at) }
    }
    case "viewing.failed":
      return breaks
    case "viewing.ended":
      return { ...breaks, lastViewingAt: event.data.at }
    case "break.started":
      return { ...breaks, breakUntil: event.data.until }
    case "break.ended":
      return { ...breaks, breakUntil: undefined }
    default:
      return event satisfies never
  }
}

/** Applies one event to the counts of its day; `undefined` if it counts for none. */
export function applyToDay(counts: DayCounts, event: ExposureEvent): DayCounts | undefined {
  switch (event.type) {
    case "viewing.requested":
      return { ...counts, viewings: counts.viewings + 1, originals: counts.originals + originals(event.data.purpose) }
    case "viewing.failed":
      return { ...counts, viewings: counts.viewings - 1, originals: counts.originals - originals(event.data.purpose) }
    case "viewing.ended":
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
  let breaks = NO_VIEWINGS_YET
  const days = new Map<string, DayCounts>()
  for (const entry of events) {
    const event = toExposureEvent(entry)
    if (event === undefined) continue
    breaks = applyToBreaks(breaks, event)
    if (!("day" in event.data)) continue
    const counts = applyToDay(days.get(event.data.day) ?? NO_VIEWINGS, event)
    if (counts !== undefined) days.set(event.data.day, counts)
  }
  return { breaks, days }
}

function originals(purpose: "derivative" | "original"): number {
  return purpose === "original" ? 1 : 0
}
