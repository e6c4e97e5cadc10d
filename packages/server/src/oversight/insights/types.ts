/**
 * Insights: counts over time that name nobody, from the log alone.
 * @module
 */
import type { InsightsView } from "@nightlight/contract/server"

/** A period of whole days in UTC: `from` is included, `to` is not. */
export interface Range {
  readonly from: Date
  readonly to: Date
}

/** The same in the form of the log's times: ISO 8601, UTC. */
export interface RangeText {
  readonly from: string
  readonly to: string
}

/** Durations, as `DurationView` shows them. */
export interface Durations {
  readonly count: number
  readonly medianSeconds?: number
  readonly p90Seconds?: number
}

/** Counts over time. */
export interface Insights {
  /**
   * Counts what happened in a period.
   *
   * @throws {RequestError} `input_invalid` if it ends before it begins, or is too long.
   */
  of(asked: { readonly from?: string | undefined; readonly to?: string | undefined }): Promise<InsightsView>
}
