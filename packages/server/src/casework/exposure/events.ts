/**
 * The events that exposure is a fold of: each is its actor's own, and names the local day it counts to.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { DayCounts, Strain } from "./types.ts"

/** What each event carries. */
export interface ExposureEventData {
  "look.requested": {
    look: string
    case: string
    find: string
    grant: string
    purpose: "derivative" | "original"
    reason: string
    day: string
    at: string
    /** Whether the person had rested before. */
    rested: boolean
    /** Whether the person had done other work since the last look. */
    otherWork: boolean
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

/** Somebody who has not looked yet. */
export const UNSTRAINED: Strain = {
  stretchStartedAt: undefined,
  lastLookAt: undefined,
  lastLookCase: undefined,
  consecutive: 0,
  breakUntil: undefined,
}

/** A day without a look. */
export const NO_LOOKS: DayCounts = { looks: 0, originals: 0, seconds: 0 }

/** Applies one event to where a person stands. */
export function applyToStrain(strain: Strain, event: ExposureEvent): Strain {
  switch (event.type) {
    case "look.requested": {
      const { at, rested, otherWork, case: lastLookCase } = event.data
      return {
        ...strain,
        lastLookAt: at,
        lastLookCase,
        stretchStartedAt: rested ? at : (strain.stretchStartedAt ?? at),
        consecutive: rested || otherWork ? 1 : strain.consecutive + 1,
      }
    }
    case "look.failed":
      return { ...strain, consecutive: Math.max(strain.consecutive - 1, 0) }
    case "look.ended":
      return { ...strain, lastLookAt: event.data.at }
    case "break.started":
      return { ...strain, breakUntil: event.data.until }
    case "break.ended":
      return { ...strain, breakUntil: undefined }
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
export function foldExposure(events: readonly AuditEvent[]): { strain: Strain; days: ReadonlyMap<string, DayCounts> } {
  let strain = UNSTRAINED
  const days = new Map<string, DayCounts>()
  for (const entry of events) {
    const event = toExposureEvent(entry)
    if (event === undefined) continue
    strain = applyToStrain(strain, event)
    if (!("day" in event.data)) continue
    const counts = applyToDay(days.get(event.data.day) ?? NO_LOOKS, event)
    if (counts !== undefined) days.set(event.data.day, counts)
  }
  return { strain, days }
}

function originals(purpose: "derivative" | "original"): number {
  return purpose === "original" ? 1 : 0
}
