/**
 * What a reviewer's exposure is, and what bounds it.
 * @module
 */
import type { ExposureLimits } from "@nightlight/contract/server"

/** What any one person may view: a daily budget and breaks. */
export type Limits = ExposureLimits

/** How exposure is kept in bounds. */
export interface ExposureConfig {
  /** IANA name: whose midnight a day ends at. */
  readonly timeZone: string
  /** Holds until counsel sets something else. */
  readonly limits: Limits
}

/** What one person viewed in one day. */
export interface DayCounts {
  readonly viewings: number
  readonly originals: number
  readonly seconds: number
}

/** What a person's breaks follow from. Times are ISO 8601 in UTC. */
export interface BreakState {
  /** First viewing after the last rest. */
  readonly stretchStartedAt: string | undefined
  readonly lastViewingAt: string | undefined
  readonly breakUntil: string | undefined
}

/** What keeps somebody from viewing. */
export interface Block {
  readonly by: "items" | "originals" | "minutes" | "break"
  readonly until: Date
}
