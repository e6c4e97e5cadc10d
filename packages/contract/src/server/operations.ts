/**
 * Running the installation over HTTP: what a machine could not do, and whether reports are filed.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"

/** What a machine could not do and a person must: ids and codes. */
export const TaskView = z.strictObject({
  id: z.string(),
  /** Such as `job-failed`. */
  kind: z.string(),
  /** Id of what it is about. */
  subject: z.string(),
  code: z.string(),
  openedAt: Timestamp,
})

/** `GET /v1/operations/tasks` answer: open ones, oldest first, at most 200. */
export const TaskList = z.strictObject({ tasks: z.array(TaskView) })

/** `POST /v1/operations/tasks/:taskId/close` body. */
export const TaskCloseBody = z.strictObject({ outcome: z.enum(["done", "dismissed"]) })
/** Answer. */
export const TaskClosed = z.strictObject({ closed: z.literal(true) })

/** `GET /v1/operations/state` answer. */
export const OperationsState = z.strictObject({
  /** Of the server that answers. */
  version: z.string(),
  filingPaused: z.boolean(),
  why: z.enum(["restored", "custody-shared"]).exactOptional(),
})
