/**
 * Sends the custodian notices of what a restored database must not forget: deactivations, removed roles, revocations,
 * destructions, holds and locks. They are read from the log, so nothing has to be sent when it happens: a custodian
 * that is down delays nothing, and receives the notices when it is back.
 * @module
 */
import { NOTICE_TYPES, NOTICES_PER_CALL } from "@nightlight/contract/custodian"
import { compact, DependencyError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Logger } from "pino"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import { lockUntilEnd } from "../../platform/db/advisory-lock.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { everyMinute, type JobDefinition } from "../../platform/jobs/job.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import { readOpenRestore } from "./open-restore.ts"

/** Dependencies of {@link sendNotices}. */
export interface SendNoticesDeps {
  readonly db: Kysely<Tables>
  readonly custodian: Pick<CustodianClient, "sendNotices">
}

/** Events that one pass reads; few of them become notices. */
const EVENTS_PER_PASS = 5_000

/**
 * Sends the outstanding notices.
 *
 * @returns How many events were sent.
 * @throws {DependencyError} `unavailable` if the custodian does not answer.
 */
export async function sendNotices({ db, custodian }: SendNoticesDeps): Promise<number> {
  let told = 0
  for (;;) {
    const step = await db.transaction().execute(async (trx) => {
      await lockUntilEnd(trx, "notices")
      return sendPage(trx, custodian)
    })
    told += step.told
    if (step.isEnd) return told
  }
}

/**
 * Whether the cursor of sent notices fits the log: if somebody moved it ahead, later events would never be sent. The
 * custodian must know the event that it points to.
 */
export async function isCursorValid(db: Kysely<Tables>): Promise<boolean> {
  const cursor = await db.selectFrom("sent_notices").select(["seq", "hash"]).executeTakeFirst()
  if (cursor === undefined) return false
  const head = await db.selectFrom("events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst()
  if (Number(cursor.seq) < 0 || Number(cursor.seq) > Number(head?.seq ?? 0)) return false
  const last = await db
    .selectFrom("events")
    .select("hash")
    .where("type", "in", [...NOTICE_TYPES])
    .where("seq", "<=", cursor.seq)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst()
  return cursor.hash === (last?.hash ?? null)
}

async function sendPage(
  trx: Kysely<Tables>,
  custodian: SendNoticesDeps["custodian"],
): Promise<{ readonly told: number; readonly isEnd: boolean }> {
  // The open restore still compares with the custodian's journal, so that part stays as it was.
  if ((await readOpenRestore(trx)) !== undefined) return { told: 0, isEnd: true }
  const cursor = await trx.selectFrom("sent_notices").select("seq").executeTakeFirstOrThrow()
  const head = await trx.selectFrom("events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst()
  const from = Number(cursor.seq)
  const to = Math.min(Number(head?.seq ?? 0), from + EVENTS_PER_PASS)
  if (to <= from) return { told: 0, isEnd: true }
  const rows = await trx
    .selectFrom("events")
    .select(["seq", "hash", "line"])
    .where("type", "in", [...NOTICE_TYPES])
    .where("seq", ">", String(from))
    .where("seq", "<=", String(to))
    .orderBy("seq")
    .limit(NOTICES_PER_CALL)
    .execute()
  if (rows.length > 0) await custodian.sendNotices(rows.map(({ line }) => line))
  const last = rows.at(-1)
  const reached = rows.length === NOTICES_PER_CALL && last !== undefined ? last.seq : String(to)
  await trx
    .updateTable("sent_notices")
    .set(compact({ seq: reached, hash: last?.hash }))
    .execute()
  return { told: rows.length, isEnd: Number(reached) >= Number(head?.seq ?? 0) }
}

const WATCH_MS = 2_000

/**
 * Sends notices within seconds, for as long as a worker runs.
 *
 * @returns Ends the watch.
 */
export function watchNotices(deps: SendNoticesDeps): () => void {
  let isSending = false
  const timer = setInterval(() => {
    if (isSending) return
    isSending = true
    // The minute's job reports that the custodian does not answer.
    void sendNotices(deps)
      .catch(() => undefined)
      .finally(() => {
        isSending = false
      })
  }, WATCH_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Dependencies of the job. */
export interface NoticesJobDeps extends SendNoticesDeps {
  readonly custodian: Pick<CustodianClient, "sendNotices" | "unknownNotices">
  readonly alarms: Pick<Alarms, "raiseNow">
  readonly log: Logger
}

/**
 * Sends all notices again to a custodian that forgot them, because its journal is an older copy, or if somebody changed
 * the cursor.
 *
 * @returns Whether everything is sent again.
 */
export async function resendIfForgotten({ db, custodian, alarms }: NoticesJobDeps): Promise<boolean> {
  if (!(await isCursorValid(db))) {
    await alarms.raiseNow({ code: "row-untrusted", subject: "sent_notices:notices", data: { table: "sent_notices" } })
    if ((await readOpenRestore(db)) === undefined) await forget(db)
    return true
  }
  const { hash } = await db.selectFrom("sent_notices").select("hash").executeTakeFirstOrThrow()
  if (hash === null || (await custodian.unknownNotices([hash])).length === 0) return false
  await alarms.raiseNow({ code: "custodian-journal-older", subject: "installation" })
  if ((await readOpenRestore(db)) === undefined) await forget(db)
  return true
}

async function forget(db: Kysely<Tables>): Promise<void> {
  await db.updateTable("sent_notices").set({ seq: "0", hash: null }).execute()
}

/** Sends notices once a minute. If the custodian does not answer, the next minute sends them; that is no failure. */
export function createNoticesJob(deps: NoticesJobDeps): JobDefinition<Record<string, never>> {
  return everyMinute("send-notices", async () => {
    try {
      await resendIfForgotten(deps)
      await sendNotices(deps)
    } catch (error) {
      if (!(error instanceof DependencyError)) throw error
      deps.log.warn({ code: error.code }, "custodian not told")
    }
  })
}
