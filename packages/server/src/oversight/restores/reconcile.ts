/**
 * After a restore: repeats what the custodian's journal remembers and the restored database does not, and closes the
 * restore when no work is left.
 * @module
 */
import type { Notice } from "@nightlight/contract/custodian"
import type { Clock } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents, textOf } from "../../platform/events/read.ts"
import { transact } from "../../platform/events/transact.ts"
import type { Tasks } from "../operations/tasks.ts"
import { type OpenRestore, readOpenRestore } from "./open-restore.ts"
import { type Replay, stillValid } from "./replay.ts"
import type { Suspended } from "./suspended.ts"

/** Dependencies of {@link createRestoreReconcile}. */
export interface RestoreReconcileDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly custodian: Pick<CustodianClient, "notices" | "unknownNotices">
  readonly tasks: Pick<Tasks, "add" | "isOpen">
  readonly replay: Replay
  readonly suspended: Suspended
}

/** Result of a reconciliation. */
export interface RestoreReconciled {
  /** Whether keys and people are still suspended. */
  readonly isOpen: boolean
  /** Actions that were repeated, now or before. */
  readonly replayed: number
  /** Actions that cannot be repeated and that no person has handled yet. */
  readonly differing: number
  /** Keys and sources that an administrator must confirm or revoke. */
  readonly suspended: readonly string[]
  /**
   * Time of the last action that the custodian was told of and that is missing in the backup; absent if there is none.
   */
  readonly lostUntil: Date | undefined
}

const ACTOR = "system-host"
const REPLAYED = "restore.replayed"
/** Task: the custodian's journal is older than the database. */
const JOURNAL_TASK = "custodian-journal-older"

/**
 * Makes it. Safe to repeat: no action is repeated twice.
 *
 * Throws `DependencyError` `unavailable` if the custodian does not answer; then everything stays suspended.
 */
export function createRestoreReconcile(deps: RestoreReconcileDeps): () => Promise<RestoreReconciled> {
  const { db, clock, custodian, suspended } = deps
  return async () => {
    const open = await readOpenRestore(db)
    if (open === undefined) return { isOpen: false, replayed: 0, differing: 0, suspended: [], lostUntil: undefined }
    const isOlder = await isJournalOlder(deps)
    const unknown = await unknownHere(db, await custodian.notices(open.seq - 1))
    await replayAll(deps, open, stillValid(unknown))
    const differing = (isOlder ? 1 : 0) + (await countOpen(deps, open))
    const waiting = await suspended.waiting()
    const isOpen = differing > 0 || waiting.length > 0
    if (!isOpen) {
      await transact({ db, clock }, ACTOR, async ({ record }) => {
        record({ type: "restore.closed", subject: "installation", data: { backup: open.backupId } })
      })
    }
    const replayed = (await readEvents(db, { types: [REPLAYED], fromSeq: open.seq })).length
    return { isOpen, replayed, differing, suspended: waiting, lostUntil: newestOf(unknown) }
  }
}

function newestOf(notices: readonly Notice[]): Date | undefined {
  const times = notices.map(({ at }) => Date.parse(at))
  return times.length === 0 ? undefined : new Date(Math.max(...times))
}

/** The journal must contain the last event that this database sent to the custodian; otherwise it is older. */
async function isJournalOlder({ db, clock, custodian, tasks }: RestoreReconcileDeps): Promise<boolean> {
  const { hash } = await db.selectFrom("sent_notices").select("hash").executeTakeFirstOrThrow()
  if (hash === null || (await custodian.unknownNotices([hash])).length === 0) return false
  return transact({ db, clock }, ACTOR, async (step) => {
    await tasks.add(step, { kind: JOURNAL_TASK, subject: "installation", code: "notices-missing" })
    return tasks.isOpen(step.trx, JOURNAL_TASK, "installation")
  })
}

/** Notices of events that this database's log does not have. */
async function unknownHere(db: Kysely<Tables>, notices: readonly Notice[]): Promise<readonly Notice[]> {
  const known = new Set<string>()
  const hashes = notices.map(({ logHash }) => logHash)
  for (let offset = 0; offset < hashes.length; offset += PAGE) {
    const rows = await db
      .selectFrom("events")
      .select("hash")
      .where("hash", "in", hashes.slice(offset, offset + PAGE))
      .execute()
    for (const { hash } of rows) known.add(hash)
  }
  return notices.filter(({ logHash }) => !known.has(logHash))
}

const PAGE = 1_000

async function replayAll(
  { db, clock, tasks, replay }: RestoreReconcileDeps,
  open: OpenRestore,
  lost: readonly Notice[],
): Promise<void> {
  const before = await readEvents(db, { types: [REPLAYED], fromSeq: open.seq })
  const done = new Set(before.map(({ data }) => textOf(data, "notice")))
  for (const notice of lost) {
    if (done.has(notice.logHash)) continue
    await transact({ db, clock }, ACTOR, async (step) => {
      const subject = textOf(notice.data, "subject")
      const problem = await replay(step, notice)
      if (problem !== undefined) await tasks.add(step, { kind: taskOf(notice.type), subject, code: problem })
      step.record({ type: REPLAYED, subject, data: { notice: notice.logHash, of: notice.type, problem } })
    })
  }
}

/** Number of open tasks about actions that could not be repeated. */
async function countOpen({ db, tasks }: RestoreReconcileDeps, open: OpenRestore): Promise<number> {
  const events = await readEvents(db, { types: [REPLAYED], fromSeq: open.seq })
  const problems = events.filter(({ data }) => data["problem"] !== undefined)
  const about = new Map(problems.map(({ data }) => [`${textOf(data, "of")} ${textOf(data, "subject")}`, data]))
  let count = 0
  for (const data of about.values()) {
    if (await tasks.isOpen(db, taskOf(textOf(data, "of")), textOf(data, "subject"))) count++
  }
  return count
}

/** Kind of the task for a type of notice: `restore-hold-placed`. */
function taskOf(type: string): string {
  return `restore-${type.replaceAll(".", "-")}`
}
