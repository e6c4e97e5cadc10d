/**
 * Alarms: what somebody must look at, by code.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"

/** One alarm. */
export const AlarmView = z.strictObject({
  id: z.string(),
  /** Such as `sign-in-failures`. */
  code: z.string(),
  /** Id of what it is about. */
  subject: z.string(),
  data: z.record(z.string(), z.unknown()),
  raisedAt: Timestamp,
  lastAt: Timestamp,
  /** How often it was raised while it stood open. */
  times: z.int().positive(),
  acknowledgedAt: Timestamp.exactOptional(),
  acknowledgedBy: z.string().exactOptional(),
})
export type AlarmView = z.infer<typeof AlarmView>

/** `GET /v1/alarms` query. */
export const AlarmQuery = z.strictObject({ state: z.enum(["open", "all"]).default("open") })

/** `GET /v1/alarms` answer: newest first, at most 200. */
export const AlarmList = z.strictObject({ alarms: z.array(AlarmView) })
