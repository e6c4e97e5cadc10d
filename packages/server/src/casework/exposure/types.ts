/**
 * What looking does to people, counted.
 * @module
 */
import type { ExposureLimits } from "@nightlight/contract/server"

/** What one person may look at. */
export type Limits = ExposureLimits

/** Limits of one person, and who set them last. */
export interface SetLimits {
  readonly person: string
  readonly limits: Partial<Limits>
  readonly setBy: string
  readonly setAt: Date
}

/** How exposure is kept in bounds. */
export interface ExposureConfig {
  /** IANA name: whose midnight a day ends at. */
  readonly timeZone: string
  /** What everybody may look at, until counsel sets something else. */
  readonly limits: Limits
  /** A person's first days of looking have lower limits: how many days, and which share of the limits. */
  readonly firstShifts: number
  readonly firstShiftsShare: number
}

/** What one person looked at in one day. */
export interface DayCounts {
  readonly looks: number
  readonly originals: number
  readonly seconds: number
}

/** Where a person stands between breaks. Times are ISO 8601 in UTC. */
export interface Strain {
  /** First look after the last rest. */
  readonly stretchStartedAt: string | undefined
  readonly lastLookAt: string | undefined
  readonly lastLookCase: string | undefined
  /** Looks one after the other, with neither rest nor other work between. */
  readonly consecutive: number
  readonly breakUntil: string | undefined
}

/** What keeps somebody from looking. */
export interface Block {
  readonly by: "items" | "originals" | "minutes" | "break" | "consecutive" | "cut-off"
  readonly until: Date
}
