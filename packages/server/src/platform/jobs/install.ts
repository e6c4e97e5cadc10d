/**
 * Makes the queue and its parts, as the owner of the schema, as part of the migrations.
 * @module
 */
import { Client, type PoolConfig } from "pg"
import type { PgBoss } from "pg-boss"
import type { Logger } from "pino"
import { toDatabaseError } from "../db/errors.ts"
import type { JobDefinition } from "./job.ts"
import { FAILED_QUEUE, openQueueOwner, QUEUE_SCHEMA } from "./queue.ts"

/** Key of the advisory lock under which grants are made. */
const GRANT_LOCK = 7_421_002
/** A worker without a heartbeat for this long is dead. */
const HEARTBEAT_SECONDS = 30
/** How long a finished job's row is kept: ids alone. */
const KEEP_SECONDS = 7 * 24 * 3600
/** How long a job may wait for a worker. */
const WAIT_SECONDS = 400 * 24 * 3600

/**
 * Brings the queue's schema and the queues of all jobs to this version, and grants the application's role what it
 * needs. Safe to run at any time, and by several at once.
 *
 * @throws {DependencyError} `unavailable`.
 */
export async function installQueue(owner: PoolConfig, jobs: readonly JobDefinition[], log: Logger): Promise<void> {
  const boss = await openQueueOwner(owner, log)
  try {
    await boss.createQueue(FAILED_QUEUE, { policy: "standard", retryLimit: 20, retryDelay: 5, notify: true })
    for (const job of jobs) await installJob(boss, job)
    await removeStaleSchedules(boss, jobs)
  } catch (error) {
    throw toDatabaseError(error)
  } finally {
    await boss.stop({ graceful: true })
  }
  await grant(owner)
}

async function installJob(boss: PgBoss, job: JobDefinition): Promise<void> {
  const options = {
    retryLimit: job.tries - 1,
    retryDelay: job.retryDelaySeconds,
    retryBackoff: true,
    retryDelayMax: 3600,
    expireInSeconds: job.expireSeconds,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    deleteAfterSeconds: KEEP_SECONDS,
    retentionSeconds: WAIT_SECONDS,
    deadLetter: FAILED_QUEUE,
    notify: true,
  }
  // `short`: of jobs with the same singleton key at most one waits. Jobs without one get a key of their own.
  await boss.createQueue(job.name, { ...options, policy: "short" })
  await boss.updateQueue(job.name, options)
  if (job.schedule !== undefined) await boss.schedule(job.name, job.schedule, {}, { tz: "UTC", missed: "once" })
}

async function removeStaleSchedules(boss: PgBoss, jobs: readonly JobDefinition[]): Promise<void> {
  const current = new Set(jobs.filter(({ schedule }) => schedule !== undefined).map(({ name }) => name))
  for (const { name } of await boss.getSchedules()) if (!current.has(name)) await boss.unschedule(name)
}

async function grant(owner: PoolConfig): Promise<void> {
  const client = new Client({ application_name: "nightlight migrate", ...owner } as PoolConfig)
  client.on("error", () => undefined)
  try {
    await client.connect()
    await client.query(`
      -- One at a time: two grants of one table at once fail. Held until this statement's transaction ends.
      SELECT pg_advisory_xact_lock(${GRANT_LOCK});
      GRANT USAGE ON SCHEMA ${QUEUE_SCHEMA} TO nightlight_app;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${QUEUE_SCHEMA} TO nightlight_app;
      GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${QUEUE_SCHEMA} TO nightlight_app;
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${QUEUE_SCHEMA} TO nightlight_app;
    `)
  } catch (error) {
    throw toDatabaseError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
