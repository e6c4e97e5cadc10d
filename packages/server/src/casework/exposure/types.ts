/**
 * A reviewer's exposure and its limits.
 * @module
 */
import type { ExposureLimits } from "@nightlight/contract/server"

/** Limits for each person: a daily budget and breaks. */
export type Limits = ExposureLimits

/** Time zone and limits of exposure. */
export interface ExposureConfig {
  /** IANA name of the zone at whose midnight a day ends. */
  readonly timeZone: string
  /** In effect until counsel sets others. */
  readonly limits: Limits
}

/** Numbers of one person's viewings in one day, and their length. */
export interface DayCounts {
  readonly viewings: number
  readonly originals: number
  readonly seconds: number
}

/** The state that a person's breaks follow from. Times are ISO 8601 in UTC. */
export interface BreakState {
  /** First viewing after the last rest. */
  readonly stretchStartedAt: string | undefined
  readonly lastViewingAt: string | undefined
  readonly breakUntil: string | undefined
}

/** The limit that keeps somebody from viewing. */
export interface Block {
  readonly by: "items" | "originals" | "minutes" | "break"
  readonly until: Date
}
