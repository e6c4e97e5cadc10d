/**
 * Whether the database was restored and not yet reconciled, according to the log: from `database.restored` to
 * `restore.closed`. Until then keys and all people but administrators are suspended.
 * @module
 */
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents, textOf } from "../../platform/events/read.ts"

/** A restore that is not closed. */
export interface OpenRestore {
  /** Number of its event: later lines of the old log were lost. */
  readonly seq: number
  readonly restoredAt: Date
  /** Id of the backup, or `other-server`. */
  readonly backupId: string
  /** Keys and sources that an administrator confirmed, or made since. */
  readonly confirmed: ReadonlySet<string>
}

const CONFIRMING = ["key.confirmed", "key.made", "source.confirmed", "source.enrolled"]

/** Reads it; `undefined` if nothing was restored, or all was reconciled. */
export async function readOpenRestore(db: Kysely<Tables>): Promise<OpenRestore | undefined> {
  const [last] = await readEvents(db, { types: ["database.restored", "restore.closed"], order: "newest", limit: 1 })
  if (last?.type !== "database.restored") return undefined
  const since = await readEvents(db, { types: CONFIRMING, fromSeq: last.seq })
  return {
    seq: last.seq,
    restoredAt: new Date(last.at),
    backupId: textOf(last.data, "backup"),
    confirmed: new Set(since.map(({ data }) => textOf(data, "subject"))),
  }
}

/** Decides who is suspended. Called for every request, it queries the database at most once in {@link SEEN_MS}. */
export interface RestoreGate {
  /** The open restore, as known within the last second. */
  current(): Promise<OpenRestore | undefined>
  /** Whether a key or a source waits for an administrator. */
  isSuspended(id: string): Promise<boolean>
  /** Whether somebody with these roles may sign in. */
  admits(roles: ReadonlySet<string>): Promise<boolean>
}

/** How long an answer of the database is used: a restore ends in the same second on every server. */
const SEEN_MS = 1_000

/** Creates the gate, which reads the database at most once a second. */
export function createRestoreGate(db: Kysely<Tables>): RestoreGate {
  let seen: { readonly atMs: number; readonly answer: Promise<OpenRestore | undefined> } | undefined
  const current = () => {
    const now = performance.now()
    if (seen === undefined || now - seen.atMs >= SEEN_MS) {
      const answer = readOpenRestore(db)
      seen = { atMs: now, answer }
      // If the database did not answer, the next call asks again.
      answer.catch(() => {
        seen = undefined
      })
    }
    return seen.answer
  }
  return {
    current,
    isSuspended: async (id) => {
      const open = await current()
      return open !== undefined && !open.confirmed.has(id)
    },
    admits: async (roles) => (await current()) === undefined || roles.has("administrator"),
  }
}
