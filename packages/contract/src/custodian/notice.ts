/**
 * Notices: events of the server's log that a restored database must not forget. The custodian stores them in its own
 * journal, which no backup of the database rolls back, and returns them after a restore.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"

/**
 * Types of the events that become notices: each ends, removes, holds or locks something, or records something that must
 * not be lost (a danger, a request). Waiting approvals need no notice: a restore expires them.
 */
export const NOTICE_TYPES = [
  "person.deactivated",
  "role.removed",
  "key.revoked",
  "source.revoked",
  "source.rotated",
  "credentials.password-changed",
  "credentials.reset",
  "credentials.set",
  "evidence.destroyed",
  "preservation.clearing-cancelled",
  "case.context-destroyed",
  "preservation.locked",
  "preservation.extended",
  "hold.placed",
  "hold.lifted",
  "case.danger-flagged",
  "request.opened",
  "request.closed",
  "report.withdrawn",
  "list.false-positive-ended",
  "policy.activated",
] as const

/** One of {@link NOTICE_TYPES}. */
export type NoticeType = (typeof NOTICE_TYPES)[number]

/** Maximum number of notices in one call. */
export const NOTICES_PER_CALL = 500

/** `POST /v1/notices` body: lines of the log, without newlines. Sending the same one again changes nothing. */
export const NoticesBody = z.strictObject({ lines: z.array(z.string().max(16_384)).min(1).max(NOTICES_PER_CALL) })

/** `POST /v1/notices` answer. */
export const NoticesAnswer = z.strictObject({
  /** Number of those that were new. */
  accepted: z.int().nonnegative(),
})

/** An event that the custodian was told of. */
export const Notice = z.strictObject({
  type: z.enum(NOTICE_TYPES),
  /** Its number in the log at that time; a restored log gives the number to another event. */
  logSeq: z.int().positive(),
  /** Hash of the event, which identifies it. */
  logHash: z.string().regex(/^[0-9a-f]{64}$/),
  at: Timestamp,
  actor: z.string(),
  /** The event's own data: ids and codes. */
  data: z.record(z.string(), z.json()),
})
export type Notice = z.infer<typeof Notice>

/** `GET /v1/notices?after=SEQ&from=INDEX` answer: those with a higher number, in the order in which they were sent. */
export const Notices = z.strictObject({
  notices: z.array(Notice),
  /** `from` of the next call; absent after the last. */
  next: z.int().positive().exactOptional(),
})
export type Notices = z.infer<typeof Notices>

/** `POST /v1/notices/known` body: hashes of events that were sent. */
export const NoticesKnownBody = z.strictObject({
  hashes: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(NOTICES_PER_CALL),
})

/** Answer: those that the journal does not have. */
export const NoticesUnknown = z.strictObject({ unknown: z.array(z.string()) })
