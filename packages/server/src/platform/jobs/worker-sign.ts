/**
 * Whether a worker runs: each one writes a row of the queue every few seconds.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../db/tables.ts"

/** The workers' last heartbeat. */
export interface WorkerSign {
  /**
   * `silent`: no worker that was not stopped has sent a heartbeat within three of its intervals; `none`: none ever ran.
   */
  readonly state: "running" | "silent" | "none"
  /** By the database's clock. */
  readonly seenAt: Date | undefined
}

/** Rows of workers that ended more than 7 days ago are gone. */
export async function readWorkerSign(db: Kysely<Tables>): Promise<WorkerSign> {
  const { rows } = await sql<{ seen_at: Date | null; running: boolean | null }>`
    SELECT max(heartbeat_on) AS seen_at,
      bool_or(stopped_on IS NULL AND heartbeat_on >= now() - heartbeat_seconds * 3 * interval '1 second') AS running
    FROM pgboss.instance
  `.execute(db)
  const { seen_at: seenAt = null, running = null } = rows[0] ?? {}
  if (seenAt === null) return { state: "none", seenAt: undefined }
  return { state: running === true ? "running" : "silent", seenAt }
}
