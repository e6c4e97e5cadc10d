/**
 * Live updates: `GET /v1/live` answers `text/event-stream` and says what changed, for the page to read again.
 * @module
 */
import { z } from "zod"

/**
 * Header of a reading call that a page makes on its own, because it was told of a change: with it, of whatever value,
 * the call does not prolong the session.
 */
export const BACKGROUND_HEADER = "nightlight-background"

/** Topics of live notices: kinds of data that can change. */
export const LIVE_TOPICS = [
  "cases",
  "reports",
  "approvals",
  "alarms",
  "people",
  "preservation",
  "requests",
  "intake",
  "sources",
  "policies",
  "lists",
  "scans",
  "exposure",
  "audit",
] as const

/** One topic. */
export const LiveTopic = z.enum(LIVE_TOPICS)
/** One topic. */
export type LiveTopic = z.infer<typeof LiveTopic>

/** Maximum number of subjects in one message. */
export const LIVE_MAX_SUBJECTS = 100

/** Data of an event `changed`: what the caller may read and should read again. */
export const LiveMessage = z.strictObject({
  /** Without repetition, in the order of {@link LIVE_TOPICS}. */
  topics: z.array(LiveTopic).min(1),
  /** Ids of the cases and reports that changed, only of those topics; absent: any of them may have changed. */
  subjects: z.array(z.string()).min(1).max(LIVE_MAX_SUBJECTS).exactOptional(),
})
export type LiveMessage = z.infer<typeof LiveMessage>
