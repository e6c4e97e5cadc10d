/**
 * Has the custodian sign the log's progress. The key is not ours: the owner of the database cannot sign.
 * @module
 */
import { CHECKPOINT_LINES } from "@nightlight/contract/custodian"
import { compact, DependencyError, IntegrityError, NightlightError } from "@nightlight/core"
import { type CheckpointPlace, isLaterCheckpoint } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import type { Logger } from "pino"
import type { CustodianClient } from "../custodian/port.ts"
import { lockUntilEnd } from "../db/advisory-lock.ts"
import type { Tables } from "../db/tables.ts"
import { everyMinute, type JobDefinition } from "../jobs/job.ts"
import type { AlarmPort } from "./alarm-port.ts"

/** Dependencies of {@link makeCheckpoint}. */
export interface CheckpointDeps {
  readonly db: Kysely<Tables>
  readonly custodian: CustodianClient
  readonly log: Logger
}

/** Checkpoints of one run; the rest waits for the next. */
const PAGES_PER_RUN = 50

/** Longest page of lines, characters, that the custodian accepts at once. */
const PAGE_CHARACTERS = 8_000_000

/**
 * Sends the custodian the events since the last checkpoint, a page at a time, and stores the signed lines in the
 * database. The custodian keeps its own copy, and the worker copies them to the configured places.
 *
 * @returns Number of the last event that was signed; `undefined` if there was nothing new.
 * @throws {DependencyError} `unavailable` if the custodian is locked or does not answer.
 * @throws {IntegrityError} `audit_chain_broken` if the custodian knows another log, or refuses these lines: the
 *   database is an older copy, or was rewritten.
 */
export async function makeCheckpoint(deps: CheckpointDeps): Promise<number | undefined> {
  let signed: number | undefined
  for (let page = 0; page < PAGES_PER_RUN; page++) {
    const { seq, isWhole } = await deps.db.transaction().execute(async (trx) => {
      // One at a time: of two runs with the same lines, the second would be refused.
      await lockUntilEnd(trx, "checkpoint")
      return signPage({ ...deps, db: trx })
    })
    signed = seq ?? signed
    if (!isWhole) break
  }
  if (signed !== undefined) deps.log.info({ seq: signed }, "checkpoint made")
  return signed
}

/** `isWhole`: there may be more events after it. */
async function signPage({ db, custodian }: CheckpointDeps): Promise<{ seq?: number; isWhole: boolean }> {
  const last = await db.selectFrom("events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst()
  if (last === undefined) return { isWhole: false }
  // The custodian is asked even if the newest event seems to be signed: that row could be forged.
  const head = await custodian.checkpointHead()
  assertNotBehind(await newestCheckpoint(db), head)
  await assertHolds(db, head)
  // Signed before, and the answer was lost.
  if (head.line !== null) await keepLine(db, head, head.line)
  const rows = await db
    .selectFrom("events")
    .select(["seq", "line"])
    .where("seq", ">", String(head.seq))
    .orderBy("seq")
    .limit(CHECKPOINT_LINES)
    .execute()
  const lines = fitting(rows.map(({ line }) => line))
  const end = rows[lines.length - 1]
  if (end === undefined) return { isWhole: false }
  const { seq, hash } = head
  const line = (await custodian.checkpoint({ after: { seq, hash }, lines }).catch(sayDiffers)).trimEnd()
  await keepLine(db, { seq: Number(end.seq), restarts: head.restarts }, line)
  return { seq: Number(end.seq), isWhole: end.seq !== last.seq }
}

/** The first lines that one call may carry; at least one. */
function fitting(lines: readonly string[]): string[] {
  let characters = 0
  const end = lines.findIndex((line) => {
    characters += line.length
    return characters > PAGE_CHARACTERS
  })
  return lines.slice(0, end === -1 ? lines.length : Math.max(end, 1))
}

/** Checks that the custodian still knows every checkpoint that it signed. */
function assertNotBehind(known: CheckpointPlace | undefined, head: CheckpointPlace): void {
  if (known === undefined || !isLaterCheckpoint(known, head)) return
  throw new IntegrityError("audit_chain_broken", "the custodian's journal is older than what it signed", {
    details: { seq: known.seq, journal: head.seq },
    hint: "Its folder was restored to an earlier state. See docs/guides/audit-log.md.",
  })
}

/** Checks that the log still has the event that was signed last. */
async function assertHolds(db: Kysely<Tables>, head: { readonly seq: number; readonly hash: string }): Promise<void> {
  if (head.seq === 0) return
  const event = await db.selectFrom("events").select("hash").where("seq", "=", String(head.seq)).executeTakeFirst()
  if (event?.hash !== head.hash) throw differs(head.seq)
}

function sayDiffers(error: unknown): never {
  if (error instanceof NightlightError && error.code === "state_conflict") throw differs(undefined)
  throw error
}

function differs(seq: number | undefined): IntegrityError {
  return new IntegrityError(
    "audit_chain_broken",
    "the custodian has signed another log than this one",
    compact({
      details: seq === undefined ? undefined : { seq },
      hint: "Run `nightlight audit verify`. After a restore: `nightlight restore --reconcile`, then `nightlight audit restart-checkpoints`.",
    }),
  )
}

async function keepLine(db: Kysely<Tables>, { restarts, seq }: CheckpointPlace, line: string): Promise<void> {
  await db
    .insertInto("event_checkpoints")
    .values({ restarts, seq: String(seq), line })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** This many events after the last checkpoint do not wait for the next minute. */
const MANY_EVENTS = 256
const WATCH_MS = 5_000

/**
 * Has the log signed early whenever many events arrive at once.
 *
 * @returns Ends the watch.
 */
export function watchLog(deps: CheckpointDeps): () => void {
  const signIfMany = async () => {
    if ((await countUnsigned(deps.db)) >= MANY_EVENTS) await makeCheckpoint(deps)
  }
  const timer = setInterval(() => {
    // The minute's job reports what is wrong, if anything is.
    void signIfMany().catch(() => undefined)
  }, WATCH_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Number of events after the last checkpoint. */
export async function countUnsigned(db: Kysely<Tables>): Promise<number> {
  const last = await db.selectFrom("events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst()
  return Number(last?.seq ?? 0) - ((await newestCheckpoint(db))?.seq ?? 0)
}

/** Dependencies of {@link createCheckpointJob}. */
export interface CheckpointJobDeps extends CheckpointDeps {
  readonly alarms: AlarmPort
}

/**
 * Signs the log once a minute. A locked custodian is no failure: the next minute signs what accumulated. A log that
 * differs from the one that the custodian knows raises an alarm, which stays open until somebody handles it.
 */
export function createCheckpointJob(deps: CheckpointJobDeps): JobDefinition<Record<string, never>> {
  return everyMinute("checkpoint-log", async () => {
    try {
      await makeCheckpoint(deps)
    } catch (error) {
      if (!(error instanceof DependencyError || error instanceof IntegrityError)) throw error
      deps.log.warn({ code: error.code }, "checkpoint not made")
      if (error instanceof IntegrityError) {
        const code = "journal" in error.details ? "custodian-journal-older" : "log-differs"
        await deps.alarms.raiseNow({ code, subject: "installation", data: { fault: error.code } })
      }
    }
  })
}

/** The checkpoint that was signed last, by the database: unchecked. */
export interface NewestCheckpoint {
  /** How often checkpoints had been restarted: of two, the one with more restarts is later. */
  readonly restarts: number
  readonly seq: number
  readonly line: string
}

/** Reads it; `undefined` before the first. */
export async function newestCheckpoint(db: Kysely<Tables>): Promise<NewestCheckpoint | undefined> {
  const row = await db
    .selectFrom("event_checkpoints")
    .select(["restarts", "seq", "line"])
    .orderBy("restarts", "desc")
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : { ...row, seq: Number(row.seq) }
}
