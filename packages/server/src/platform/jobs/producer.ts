import { randomUUID } from "node:crypto"
import { compact, DependencyError } from "@nightlight/core"
import { fromKysely, type PgBoss } from "pg-boss"
import { toDatabaseError } from "../db/errors.ts"
import type { Jobs } from "./job.ts"

/**
 * Queues jobs in the caller's transaction.
 *
 * @param boss - Opened at the first job: a server that queues none needs no queue.
 */
export function createJobs(boss: () => Promise<PgBoss>): Jobs {
  return {
    enqueue: async (trx, name, payload, { startAfter, singletonKey = randomUUID() } = {}) => {
      const queue = await boss()
      try {
        await queue.send(
          name,
          payload,
          compact({
            db: fromKysely(trx),
            singletonKey,
            startAfter,
          }),
        )
      } catch (error) {
        if ((error as { readonly code?: unknown }).code === "PGBOSS_QUEUE_NOT_FOUND") {
          throw new DependencyError("unavailable", `there is no queue ${name}: the migrations did not make it`)
        }
        throw toDatabaseError(error)
      }
    },
  }
}
