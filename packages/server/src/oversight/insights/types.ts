/**
 * Insights: counts over time, of nobody, from the log alone.
 * @module
 */
import type { InsightsView } from "@nightlight/contract/server"

/** A stretch of whole days in UTC: `from` is in it, `to` is not. */
export interface Range {
  readonly from: Date
  readonly to: Date
}

/** The same as the log's times stand: ISO 8601, UTC. */
export interface RangeText {
  readonly from: string
  readonly to: string
}

/** How long something took, as `DurationView` shows it. */
export interface Durations {
  readonly count: number
  readonly medianSeconds?: number
  readonly p90Seconds?: number
}

/** Insights. */
export interface Insights {
  /**
   * Counts what happened in a stretch.
   *
   * @throws {RequestError} `input_invalid` if it ends before it begins, or is longer than can be asked for.
   */
  of(asked: { readonly from?: string | undefined; readonly to?: string | undefined }): Promise<InsightsView>
}
