/**
 * Notices when somebody's rights may have changed, on any server: while calls are open, the log is checked a few times
 * a second for events about keys, sources, sessions, roles and people. It needs no connection of its own, so it works
 * through any pooler.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../db/tables.ts"

/** Intervals, in milliseconds; tests shorten them. */
export interface RightsTimes {
  readonly pollMs: number
  /** Every open call is checked again at least this often, since an expiry leaves no event. */
  readonly recheckMs: number
}

const TIMES: RightsTimes = { pollMs: 250, recheckMs: 5_000 }

/** Watches the open calls of one process. */
export interface RightsWatch {
  /**
   * Checks a call again whenever rights may have changed, and once at the start.
   *
   * @param recheck - Checks whether the call may go on, and ends it if not. Its errors are ignored.
   * @returns Ends the watch.
   */
  watch(recheck: () => Promise<void>): () => void
  close(): void
}

/** Makes it. Does not query the database while no call is open. */
export function createRightsWatch(
  { db }: { readonly db: Kysely<Tables> },
  times: Partial<RightsTimes> = {},
): RightsWatch {
  const { pollMs, recheckMs } = { ...TIMES, ...times }
  const open = new Set<{ readonly recheck: () => Promise<void>; checkedAt: number }>()
  let seen: string | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  const poll = async () => {
    const asked = performance.now()
    try {
      const { head, concerned } = await readBehind(db, seen)
      const due = [...open].filter(({ checkedAt }) => concerned || asked - checkedAt >= recheckMs)
      await Promise.all(
        due.map(async (call) => {
          await call.recheck()
          call.checkedAt = asked
        }),
      )
      seen = head
    } catch {
      // The database is away: the same events are read again when it is back.
    }
    timer = undefined
    schedule()
  }
  const schedule = () => {
    if (isClosed || timer !== undefined) return
    if (open.size === 0) {
      seen = undefined
      return
    }
    timer = setTimeout(() => void poll(), pollMs)
    timer.unref()
  }
  return {
    watch: (recheck) => {
      const call = { recheck, checkedAt: Number.NEGATIVE_INFINITY }
      open.add(call)
      schedule()
      return () => void open.delete(call)
    },
    close: () => {
      isClosed = true
      clearTimeout(timer)
      open.clear()
    },
  }
}

/** Whether an event after another concerns anybody's rights, and the number of the last one. */
async function readBehind(
  db: Kysely<Tables>,
  seen: string | undefined,
): Promise<{ readonly head: string; readonly concerned: boolean }> {
  if (seen === undefined) {
    const { rows } = await sql<{ head: string | null }>`SELECT max(seq)::text AS head FROM events`.execute(db)
    // From here on; calls that are open by now are checked in any case.
    return { head: rows[0]?.head ?? "0", concerned: true }
  }
  const { rows } = await sql<{ head: string | null; concerned: boolean | null }>`
    SELECT max(seq)::text AS head,
      bool_or(split_part(type, '.', 1) IN ('credentials', 'key', 'person', 'role', 'session', 'source')) AS concerned
    FROM events WHERE seq > ${seen}::bigint`.execute(db)
  return { head: rows[0]?.head ?? seen, concerned: rows[0]?.concerned === true }
}
