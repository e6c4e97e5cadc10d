/**
 * Tasks: what a machine could not do and a person must.
 * @module
 */
import { randomUUID } from "node:crypto"
import type { Clock } from "@nightlight/core"
import { RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { type EventTransaction, transact } from "../../platform/events/transact.ts"
import type { FailedJob } from "../../platform/jobs/registry.ts"

/** A failed job or another problem that waits for a person. */
export interface Task {
  /** `task-<uuid>`. */
  readonly id: string
  readonly kind: string
  /** Id of its subject, such as `job-<uuid>`. */
  readonly subject: string
  readonly code: string
  readonly openedAt: Date
}

/** Open tasks for people. */
export interface Tasks {
  /** Open tasks, oldest first. */
  open(limit: number): Promise<readonly Task[]>
  /** Opens a task in the caller's transaction, once for a kind and subject. */
  add(
    tx: EventTransaction,
    task: Pick<Task, "kind" | "subject" | "code"> & { readonly payload?: object },
  ): Promise<void>
  /** Whether a task of this kind about this subject waits for a person. */
  isOpen(db: Kysely<Tables>, kind: string, subject: string): Promise<boolean>
  /** Records a job that will not be retried, and opens its task. */
  leaveJob(failed: FailedJob): Promise<void>
  /**
   * Closes a task.
   *
   * @throws {RequestError} `not_found` if no task of that id is open.
   */
  close(actor: string, id: string, outcome: "done" | "dismissed"): Promise<void>
}

/** A kind and subject have one task for ever: adding it again changes nothing, even once it is closed. */
export function createTasks({ db, clock }: { readonly db: Kysely<Tables>; readonly clock: Clock }): Tasks {
  const add: Tasks["add"] = async ({ trx, record }, { kind, subject, code, payload = {} }) => {
    const id = `task-${randomUUID()}`
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto("tasks")
      .values({
        id,
        kind,
        subject,
        code,
        payload: JSON.stringify(payload),
        opened_at: clock.now(),
        closed_at: null,
        closed_by: null,
        outcome: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows === 1n)
      record({ type: "task.opened", subject: id, data: { kind, about: subject, code } })
  }
  return {
    add,
    open: async (limit) => {
      const rows = await db
        .selectFrom("tasks")
        .select(["id", "kind", "subject", "code", "opened_at"])
        .where("closed_at", "is", null)
        .orderBy("opened_at")
        .limit(limit)
        .execute()
      return rows.map(({ opened_at, ...task }) => ({ ...task, openedAt: opened_at }))
    },
    isOpen: async (from, kind, subject) => {
      const query = from.selectFrom("tasks").select("id").where("kind", "=", kind).where("subject", "=", subject)
      return (await query.where("closed_at", "is", null).executeTakeFirst()) !== undefined
    },
    leaveJob: ({ name, jobId, code, tries, payload }) =>
      transact({ db, clock }, "system-worker", async (step) => {
        step.record({ type: "job.failed", subject: jobId, data: { job: name, code, tries } })
        await add(step, { kind: "job-failed", subject: jobId, code, payload })
      }),
    close: (actor, id, outcome) =>
      transact({ db, clock }, actor, async ({ trx, record }) => {
        const { numUpdatedRows } = await trx
          .updateTable("tasks")
          .set({ closed_at: clock.now(), closed_by: actor, outcome })
          .where("id", "=", id)
          .where("closed_at", "is", null)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) throw new RequestError("not_found", "there is no such open task")
        record({ type: "task.closed", subject: id, data: { outcome } })
      }),
  }
}
