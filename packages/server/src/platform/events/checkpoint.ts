/**
 * Has the custodian sign how far the log has come. The key is not ours: whoever owns the database cannot sign.
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
import { everyMinute } from "../jobs/every-minute.ts"
import type { JobDefinition } from "../jobs/job.ts"
import type { AlarmPort } from "./alarm-port.ts"
import { newestCheckpoint } from "./newest-checkpoint.ts"

/** What {@link makeCheckpoint} works with. */
export interface CheckpointDeps {
  readonly db: Kysely<Tables>
  readonly custodian: CustodianClient
  readonly log: Logger
}

/** Checkpoints of one run: what is behind them waits for the next. */
const PAGES_PER_RUN = 50

/** Longest page of lines, characters: what the custodian takes at once. */
const PAGE_CHARACTERS = 8_000_000

/**
 * Shows the custodian the events since the last checkpoint, a page at a time, and keeps the lines it signs in the
 * database. The custodian keeps its own copy, and the worker copies them to the places of the configuration.
 *
 * @returns Number of the last event that was signed; `undefined` if there was nothing new.
 * @throws {DependencyError} `unavailable` if the custodian is locked or does not answer.
 * @throws {IntegrityError} `audit_chain_broken` if the custodian was shown another log, or refuses what it is shown: the
 *   database is an older copy, or was rewritten.
 */
export async function makeCheckpoint(deps: CheckpointDeps): Promise<number | undefined> {
  let signed: number | undefined
  for (let page = 0; page < PAGES_PER_RUN; page++) {
    const { seq, isWhole } = await deps.db.transaction().execute(async (trx) => {
      // One at a time: two that show the same lines would have the second refused.
      await lockUntilEnd(trx, "checkpoint")
      return signPage({ ...deps, db: trx })
    })
    signed = seq ?? signed
    if (!isWhole) break
  }
  if (signed !== undefined) deps.log.info({ seq: signed }, "checkpoint made")
  return signed
}

/** `isWhole`: there may be more behind it. */
async function signPage({ db, custodian }: CheckpointDeps): Promise<{ seq?: number; isWhole: boolean }> {
  const last = await db.selectFrom("events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst()
  if (last === undefined) return { isWhole: false }
  // Asked even if the newest event seems to be signed: what the database says of that may be somebody's.
  const head = await custodian.checkpointHead()
  assertNotBehind(await newestCheckpoint(db), head)
  await assertHolds(db, head)
  // Signed before, and its answer was lost.
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

/** The first lines that one question may carry; always one. */
function fitting(lines: readonly string[]): string[] {
  let characters = 0
  const end = lines.findIndex((line) => {
    characters += line.length
    return characters > PAGE_CHARACTERS
  })
  return lines.slice(0, end === -1 ? lines.length : Math.max(end, 1))
}

/** Makes sure that the custodian still knows of every checkpoint that it signed. */
function assertNotBehind(known: CheckpointPlace | undefined, head: CheckpointPlace): void {
  if (known === undefined || !isLaterCheckpoint(known, head)) return
  throw new IntegrityError("audit_chain_broken", "the custodian's journal is older than what it signed", {
    details: { seq: known.seq, journal: head.seq },
    hint: "Its folder was put back to an earlier day. See docs/guides/audit-log.md.",
  })
}

/** Makes sure that the log still has the event that was signed last. */
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
    "the custodian was shown another log than this one",
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

/** So many events behind the last checkpoint do not wait for the minute. */
const MANY_EVENTS = 256
const WATCH_MS = 5_000

/**
 * Has the log signed early whenever many events came at once.
 *
 * @returns Ends the watch.
 */
export function watchLog(deps: CheckpointDeps): () => void {
  const viewing = async () => {
    if ((await countUnsigned(deps.db)) >= MANY_EVENTS) await makeCheckpoint(deps)
  }
  const timer = setInterval(() => {
    // The job of the minute says what is wrong, if anything is.
    void viewing().catch(() => undefined)
  }, WATCH_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Events behind the last checkpoint. */
export async function countUnsigned(db: Kysely<Tables>): Promise<number> {
  const last = await db.selectFrom("events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst()
  return Number(last?.seq ?? 0) - ((await newestCheckpoint(db))?.seq ?? 0)
}

/** What the job needs besides. */
export interface CheckpointJobDeps extends CheckpointDeps {
  readonly alarms: AlarmPort
}

/**
 * Signs the log once a minute. A locked custodian is no failure: the next minute signs what came meanwhile. A log that
 * is not the one the custodian knows raises an alarm, which stands until somebody sees to it.
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
