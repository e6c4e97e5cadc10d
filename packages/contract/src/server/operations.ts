/**
 * Operations over HTTP: tasks for people, and whether reports are filed.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"

/** A task that a machine could not do and a person must: ids and codes. */
export const TaskView = z.strictObject({
  id: z.string(),
  /** Such as `job-failed`. */
  kind: z.string(),
  /** Id of its subject. */
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

/** `GET /v1/operations/restore` answer. */
export const RestoreState = z.strictObject({
  /** Whether keys, sources and all people but administrators are suspended. */
  open: z.boolean(),
  /** Id of the backup, or `other-server`. */
  backup: z.string().exactOptional(),
  restoredAt: Timestamp.exactOptional(),
  /** Ids of keys and sources that wait to be confirmed or revoked. */
  suspended: z.array(z.string()).exactOptional(),
})
export type RestoreState = z.infer<typeof RestoreState>

/** `POST /v1/operations/restore/confirm` body. */
export const RestoreConfirmBody = z.strictObject({
  id: z.string().regex(/^(key|source)-[0-9a-f-]{36}$/),
})

/** `POST /v1/operations/restore/reconcile` answer. */
export const RestoreReconciled = z.strictObject({
  /** Filings in the custodian's journal. */
  compared: z.int().nonnegative(),
  /** Filings and notices that wait for a person, as tasks. */
  differing: z.int().nonnegative(),
  /** Whether filing stays paused. */
  paused: z.boolean(),
  /** Actions in the custodian's journal that were repeated. */
  replayed: z.int().nonnegative(),
  suspended: z.array(z.string()),
  /** Whether work is left. */
  open: z.boolean(),
  /**
   * Time of the last action that the custodian remembers and the backup does not, so that the backup was not the newest
   * state.
   */
  lostUntil: Timestamp.exactOptional(),
})

/** `GET /v1/operations/state` answer. */
export const OperationsState = z.strictObject({
  /** Version of the server that answers. */
  version: z.string(),
  filingPaused: z.boolean(),
  why: z.enum(["restored", "custody-shared", "decoder-not-isolated"]).exactOptional(),
})
