/**
 * The queue: pg-boss in the same database, so that a decision and the job it causes commit together. Only the files of
 * this folder know it.
 * @module
 */
import { DependencyError } from "@nightlight/core"
import type { PoolConfig } from "pg"
import { type Db, PgBoss } from "pg-boss"
import type { Logger } from "pino"
import type { Database } from "../db/pool.ts"

/** The queue's own schema in the database. */
export const QUEUE_SCHEMA = "pgboss"

/** Where failed jobs go that are not retried: each becomes one event and one task for a person. */
export const FAILED_QUEUE = "jobs-failed"

const QUIET = {
  schema: QUEUE_SCHEMA,
  migrate: false,
  createSchema: false,
  // Only its owner may rebuild an index, and the application owns nothing.
  reindex: false,
  monitorVacuum: false,
} as const

/** A queue that only accepts jobs, over existing connections. */
export async function openProducer({ pool }: Database, log: Logger): Promise<PgBoss> {
  const db: Db = {
    executeSql: async (text, values) => {
      const { rows } = await pool.query(text, values)
      return { rows }
    },
  }
  return start(new PgBoss({ ...QUIET, db, supervise: false, schedule: false, registerInstance: false }), log)
}

/** A queue that hands out jobs, with a few connections of its own, and notifications of new jobs. */
export async function openConsumer(config: PoolConfig, log: Logger): Promise<PgBoss> {
  return start(
    new PgBoss({
      ...QUIET,
      ...connectionOf(config),
      max: 4,
      useListenNotify: true,
      supervise: true,
      // A killed worker is noticed within this time, and its jobs go to another.
      superviseIntervalSeconds: 10,
      monitorIntervalSeconds: 10,
      schedule: true,
      cronMonitorIntervalSeconds: 15,
      cronWorkerIntervalSeconds: 5,
      // By this the home screen sees that a worker is running.
      instanceHeartbeatSeconds: 10,
    }),
    log,
  )
}

/** The queue as its owner, for making and changing it. */
export async function openQueueOwner(config: PoolConfig, log: Logger): Promise<PgBoss> {
  const owner = new PgBoss({
    ...QUIET,
    ...connectionOf(config),
    max: 2,
    migrate: true,
    createSchema: true,
    supervise: false,
    schedule: false,
    registerInstance: false,
  })
  return start(owner, log)
}

async function start(boss: PgBoss, log: Logger): Promise<PgBoss> {
  // Its messages quote statements, so only the fact is passed on.
  boss.on("error", (error) => log.warn({ kind: error.name, code: codeOf(error) }, "queue warning"))
  boss.on("warning", () => log.debug("queue warning"))
  try {
    return await boss.start()
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => undefined)
    throw new DependencyError("unavailable", "the job queue does not start", {
      details: { code: codeOf(error) },
      hint: "Run the migrations first: they make and change the queue.",
    })
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown }
  return typeof code === "string" && /^[A-Za-z0-9_]{1,40}$/.test(code) ? code : "unknown"
}

function connectionOf({ host, port, user, password, database, ssl }: PoolConfig): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ host, port, user, password, database, ssl }).filter(([, value]) => value !== undefined),
  )
}
