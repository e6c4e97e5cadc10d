/**
 * Copies checkpoints to every configured place, each minute; a place that fails is retried at growing intervals.
 * @module
 */
import { type Clock, HOUR_MS, NightlightError } from "@nightlight/core"
import { type Kysely, sql } from "kysely"
import { subjectOfRow } from "../../authority/watch-rows.ts"
import type { Tables } from "../../db/tables.ts"
import { everyMinute, type JobDefinition } from "../../jobs/job.ts"
import type { AlarmPort } from "../alarm-port.ts"
import { type CheckpointLine, type CopyPlace, GRAVE_FAULTS } from "./types.ts"

/** Dependencies of the job. */
export interface CopyJobDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly alarms: AlarmPort
  readonly places: readonly CopyPlace[]
}

const LINES_PER_RUN = 100
const FIRST_RETRY_MS = 60_000
const LAST_RETRY_MS = HOUR_MS

/** How long a place may fail before an alarm is raised. */
const PATIENCE_MS = 15 * 60_000

/** The job that copies checkpoints to every place, in parallel. Runs every minute. */
export function copyCheckpointsJob(deps: CopyJobDeps): JobDefinition<Record<string, never>> {
  return everyMinute(
    "copy-checkpoints",
    async (signal) => {
      await Promise.all(deps.places.map((place) => copyTo(deps, place, signal)))
    },
    { expireSeconds: 600 },
  )
}

/** Copies what a place lacks, in order, as far as possible. */
export async function copyTo(deps: CopyJobDeps, place: CopyPlace, signal?: AbortSignal): Promise<void> {
  const { db, clock } = deps
  const row = await rowOf(db, place.name)
  const now = clock.now()
  if (row.next_try_at !== null && isToCome(row.next_try_at, now)) return
  try {
    for (const line of await linesBehind(db, await knownPlace(deps, row))) {
      if (signal?.aborted === true) return
      const receipt = await place.put(line, clock.now())
      await noteCopied(deps, place.name, line, receipt)
    }
  } catch (error) {
    if (!(error instanceof NightlightError)) throw error
    await noteFault(deps, place.name, String(error.details["fault"] ?? error.code))
  }
}

async function rowOf(db: Kysely<Tables>, place: string) {
  await db
    .insertInto("checkpoint_copies")
    .values({ place })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return db.selectFrom("checkpoint_copies").selectAll().where("place", "=", place).executeTakeFirstOrThrow()
}

/** Whether a wait goes on. One that is longer than possible was not written by this job. */
function isToCome(until: Date, now: Date): boolean {
  const ms = Number(until) - now.getTime()
  return ms > 0 && ms <= LAST_RETRY_MS
}

/**
 * The last copied checkpoint of a place, if such a checkpoint exists: if somebody moved it ahead, nothing more would be
 * copied. Otherwise all of them are put there again, which places accept.
 */
async function knownPlace({ db, alarms }: CopyJobDeps, row: Awaited<ReturnType<typeof rowOf>>): Promise<Reached> {
  const { place, restarts, seq } = row
  if (restarts === 0 && Number(seq) === 0) return row
  const known = await db
    .selectFrom("event_checkpoints")
    .select("seq")
    .where("restarts", "=", restarts)
    .where("seq", "=", seq)
    .executeTakeFirst()
  if (known !== undefined) return row
  const data = { table: "checkpoint_copies" }
  await alarms.raiseNow({ code: "row-untrusted", subject: subjectOfRow({ table: data.table, id: place }), data })
  return { restarts: 0, seq: "0" }
}

/** The last checkpoint at a place. */
interface Reached {
  readonly restarts: number
  readonly seq: string
}

async function linesBehind(db: Kysely<Tables>, { restarts, seq }: Reached): Promise<readonly CheckpointLine[]> {
  const rows = await db
    .selectFrom("event_checkpoints")
    .select(["restarts", "seq", "line"])
    .where(sql<boolean>`(restarts, seq) > (${restarts}, ${seq})`)
    .orderBy("restarts")
    .orderBy("seq")
    .limit(LINES_PER_RUN)
    .execute()
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }))
}

async function noteCopied(
  { db, clock }: CopyJobDeps,
  place: string,
  { restarts, seq }: CheckpointLine,
  receipt: string | undefined,
): Promise<void> {
  const placeOf = { restarts, seq: String(seq) }
  await db.transaction().execute(async (trx) => {
    if (receipt !== undefined) {
      await trx
        .insertInto("checkpoint_receipts")
        .values({ place, ...placeOf, receipt })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
    await trx
      .updateTable("checkpoint_copies")
      .set({ ...placeOf, copied_at: clock.now(), failing_since: null, failures: 0, fault: null, next_try_at: null })
      .where("place", "=", place)
      .execute()
  })
}

async function noteFault({ db, clock, alarms }: CopyJobDeps, place: string, fault: string): Promise<void> {
  const now = clock.now()
  const { failures, failing_since: since } = await rowOf(db, place)
  const failingSince = since ?? now
  await db
    .updateTable("checkpoint_copies")
    .set({
      failures: failures + 1,
      failing_since: failingSince,
      fault,
      next_try_at: new Date(now.getTime() + Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures, 10), LAST_RETRY_MS)),
    })
    .where("place", "=", place)
    .execute()
  if (!GRAVE_FAULTS.has(fault) && now.getTime() - failingSince.getTime() < PATIENCE_MS) return
  await alarms.raiseNow({ code: "checkpoint-copy-failed", subject: "installation", data: { fault } })
}
