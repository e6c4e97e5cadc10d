/**
 * Brings a database to this version: the tables, then the queue. Runs before servers and workers, as the owner.
 * @module
 */
import { compact } from "@nightlight/core"
import type { PoolConfig } from "pg"
import type { Logger } from "pino"
import { migrate } from "./db/migrate.ts"
import type { Feature } from "./feature.ts"
import { installQueue } from "./jobs/install.ts"

/**
 * Applies missing migrations. Several may run at once: one works, the others wait and find nothing to do.
 *
 * @param owner - Connects as `nightlight_owner`.
 * @param features - Queues are made for their jobs.
 * @param count - Applies only this many migrations, from the first, as in an earlier version's database.
 * @throws {RequestError} `state_conflict` if the database is newer than this version; `config_invalid` below PostgreSQL
 *   15.
 * @throws {DependencyError} `unavailable`.
 */
export async function migrateDatabase(
  owner: PoolConfig,
  features: readonly Feature[],
  log: Logger,
  count?: number,
): Promise<void> {
  const { applied, before } = await migrate(owner as Parameters<typeof migrate>[0], compact({ count }))
  await installQueue(
    owner,
    features.flatMap(({ jobs = [] }) => jobs),
    log,
  )
  log.info({ applied: applied.length, before }, "migrated")
}
