/**
 * Has the custodian sign how far the log has come. The key is not ours: whoever owns the database cannot sign.
 * @module
 */
import { appendFile } from "node:fs/promises"
import { DependencyError, IntegrityError, NightlightError } from "@nightlight/core"
import { toWriteError } from "@nightlight/vault/durable"
import { type Kysely, sql } from "kysely"
import type { Logger } from "pino"
import { z } from "zod"
import type { Alarms } from "../alarms/service.ts"
import type { CustodianClient } from "../custodian/port.ts"
import { lockUntilEnd } from "../db/advisory-lock.ts"
import type { Tables } from "../db/tables.ts"
import type { JobDefinition } from "../jobs/job.ts"

/** What {@link makeCheckpoint} works with. */
export interface CheckpointDeps {
  readonly db: Kysely<Tables>
  readonly custodian: CustodianClient
  /** `checkpointCopy`: a second file, where the database's owner cannot write. */
  readonly paths: { readonly checkpointCopy: string | undefined }
  readonly log: Logger
}

/**
 * Signs the log's head if events came since the last checkpoint, and keeps the line in the database and, where one is
 * configured, in a second file. The custodian keeps its own copy.
 *
 * @returns Number of the event that was signed; `undefined` if there was nothing new.
 * @throws {DependencyError} `unavailable` if the custodian is locked or does not answer.
 * @throws {IntegrityError} `audit_chain_broken` if the custodian has signed another event of that number, or a later
 *   one: the database is an older copy, or was rewritten.
 */
export async function makeCheckpoint(deps: CheckpointDeps): Promise<number | undefined> {
  const seq = await deps.db.transaction().execute(async (trx) => {
    // One at a time: whoever read the head earlier would have it signed after a later one, which is refused.
    await lockUntilEnd(trx, "checkpoint")
    return signHead({ ...deps, db: trx })
  })
  if (seq !== undefined) deps.log.info({ seq }, "checkpoint made")
  return seq
}

async function signHead({ db, custodian, paths }: CheckpointDeps): Promise<number | undefined> {
  const head = await db.selectFrom("events").select(["seq", "hash"]).orderBy("seq", "desc").limit(1).executeTakeFirst()
  if (head === undefined) return undefined
  const known = await db.selectFrom("event_checkpoints").select("seq").where("seq", "=", head.seq).executeTakeFirst()
  if (known !== undefined) return undefined
  const seq = Number(head.seq)
  const line = await custodian.checkpoint(seq, head.hash).catch((error: unknown) => {
    if (error instanceof NightlightError && error.code === "state_conflict") {
      throw new IntegrityError("audit_chain_broken", "the custodian has signed another log than this one", {
        details: { seq },
        hint: "Run `nightlight audit verify`. After a restore: `nightlight restore --reconcile`.",
      })
    }
    throw error
  })
  const text = line.trimEnd()
  await db
    .insertInto("event_checkpoints")
    .values({ seq: head.seq, line: text })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  if (paths.checkpointCopy !== undefined) await copyLine(paths.checkpointCopy, text)
  return seq
}

async function copyLine(path: string, line: string): Promise<void> {
  try {
    await appendFile(path, `${line}\n`, { mode: 0o600, flush: true })
  } catch (error) {
    throw toWriteError(error, "the copy of the log's checkpoints")
  }
}

/** So many events behind the last checkpoint do not wait for the minute. */
const MANY_EVENTS = 256
const WATCH_MS = 5_000

/**
 * Has the log signed early whenever many events came at once.
 *
 * @returns Ends the watch.
 */
export function watchLog(deps: CheckpointDeps): () => void {
  const look = async () => {
    if ((await countUnsigned(deps.db)) >= MANY_EVENTS) await makeCheckpoint(deps)
  }
  const timer = setInterval(() => {
    // The job of the minute says what is wrong, if anything is.
    void look().catch(() => undefined)
  }, WATCH_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Events behind the last checkpoint. */
export async function countUnsigned(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ behind: string }>`
    SELECT coalesce((SELECT max(seq) FROM events), 0) - coalesce((SELECT max(seq) FROM event_checkpoints), 0) AS behind
  `.execute(db)
  return Number(rows[0]?.behind ?? 0)
}

/** What the job needs besides. */
export interface CheckpointJobDeps extends CheckpointDeps {
  readonly alarms: Pick<Alarms, "raiseNow">
}

/**
 * Signs the log once a minute. A locked custodian is no failure: the next minute signs what came meanwhile. A log that
 * is not the one the custodian knows raises an alarm, which stands until somebody sees to it.
 */
export function createCheckpointJob(deps: CheckpointJobDeps): JobDefinition<Record<string, never>> {
  return {
    name: "checkpoint-log",
    payload: z.strictObject({}),
    tries: 1,
    retryDelaySeconds: 1,
    expireSeconds: 60,
    schedule: "* * * * *",
    run: async () => {
      try {
        await makeCheckpoint(deps)
      } catch (error) {
        if (!(error instanceof DependencyError || error instanceof IntegrityError)) throw error
        deps.log.warn({ code: error.code }, "checkpoint not made")
        if (error instanceof IntegrityError) {
          await deps.alarms.raiseNow({ code: "log-differs", subject: "installation", data: { fault: error.code } })
        }
      }
    },
  }
}
