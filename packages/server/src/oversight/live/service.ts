/**
 * Live updates: while somebody listens, one poller for each process reads what was appended to the log, and sends each
 * listener what they may know of it.
 *
 * Writers append one after the other and hold the log's lock until they commit, so numbers become visible in order:
 * nothing after the last seen number is missed.
 * @module
 */
import { DependencyError, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { permissionsOf } from "../../platform/auth/permissions.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readBehind, readHead } from "./store.ts"
import { messageTo, toChanges } from "./topics.ts"
import type { LivePage, LoggedEvent } from "./types.ts"

/** Streams that one person may have open at once, on one server. */
export const STREAMS_PER_PERSON = 10

/** Intervals, in milliseconds; tests shorten them. */
export interface LiveTimes {
  readonly pollMs: number
  /** A comment is sent after this long without a message, so that no proxy takes the connection for dead. */
  readonly keepAliveMs: number
  /** Session and rights are checked at least this often. */
  readonly recheckMs: number
}

const TIMES: LiveTimes = { pollMs: 500, keepAliveMs: 15_000, recheckMs: 30_000 }
/** Maximum number of events in one poll; the rest waits for the next. */
const EVENTS_PER_POLL = 5_000

/** Live updates of one process. */
export interface Live {
  /**
   * Adds a listener, which hears of everything that is committed from then on.
   *
   * @param open - Begins the stream; called once, when there is a place and the log can be read.
   * @returns Removes the listener; must be called when the page is gone.
   * @throws {RequestError} `too_many_requests`. {@link DependencyError} `unavailable`, also after {@link close}.
   */
  listen(person: PersonActor, open: () => LivePage): Promise<() => void>
  /** Ends every stream, and refuses new listeners. */
  close(): void
}

interface Line extends LivePage {
  sentAt: number
  checkedAt: number
}

/** Polls the log only while somebody listens. A person can listen on ten pages of one process. */
export function createLive({ db }: { readonly db: Kysely<Tables> }, times: Partial<LiveTimes> = {}): Live {
  const { pollMs, keepAliveMs, recheckMs } = { ...TIMES, ...times }
  const lines = new Set<Line>()
  let seen: Promise<string> | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  const assertPlace = (person: PersonActor) => {
    if (isClosed) throw new DependencyError("unavailable", "the server is stopping")
    const open = [...lines].filter(({ actor }) => actor.id === person.id).length
    if (open < STREAMS_PER_PERSON) return
    throw new RequestError("too_many_requests", `one person can listen on at most ${STREAMS_PER_PERSON} pages at once`)
  }
  const end = (line: Line, how: Parameters<LivePage["end"]>[0]) => {
    lines.delete(line)
    line.end(how)
  }
  const writeTo = (line: Line, text: string) => {
    line.sentAt = performance.now()
    if (!line.send(text)) end(line, "dropped")
  }
  const recheck = async (line: Line) => {
    const now = await line.again()
    line.checkedAt = performance.now()
    if (now === undefined || !isAlike(line.actor, now)) end(line, "done")
  }

  const deliver = async (events: readonly LoggedEvent[]) => {
    const changes = toChanges(events)
    const isDue = ({ actor, checkedAt }: Line) =>
      changes.rights.has(actor.id) || changes.rights.has(actor.session) || performance.now() - checkedAt >= recheckMs
    // Rights are checked before anything is sent. If that fails, the same events are read again.
    await Promise.all([...lines].filter(isDue).map(recheck))
    for (const line of lines) {
      const message = messageTo(line.actor, changes)
      if (message !== undefined) writeTo(line, `event: changed\ndata: ${JSON.stringify(message)}\n\n`)
    }
  }
  const poll = async () => {
    if (lines.size === 0) {
      seen = undefined
      return
    }
    try {
      const before = (await seen) ?? "0"
      const events = await readBehind(db, before, EVENTS_PER_POLL)
      await deliver(events)
      seen = Promise.resolve(events.at(-1)?.seq ?? before)
    } catch {
      // The database is away: what was missed is read when it is back.
    }
    for (const line of lines) if (performance.now() - line.sentAt >= keepAliveMs) writeTo(line, ":\n\n")
    schedule()
  }
  const schedule = () => {
    if (isClosed) return
    timer = setTimeout(() => void poll(), pollMs)
    timer.unref()
  }
  const begin = async () => {
    const reading = readHead(db)
    seen = reading
    try {
      await reading
    } catch (error) {
      seen = undefined
      throw error
    }
    schedule()
  }

  return {
    listen: async (person, open) => {
      if (seen === undefined) await begin()
      else await seen
      assertPlace(person)
      const now = performance.now()
      const line: Line = { ...open(), sentAt: now, checkedAt: now }
      lines.add(line)
      return () => lines.delete(line)
    },
    close: () => {
      isClosed = true
      clearTimeout(timer)
      for (const line of lines) end(line, "done")
    },
  }
}

/** Whether somebody has the same rights as before; a page whose rights changed must reconnect. */
function isAlike(before: PersonActor, now: PersonActor): boolean {
  return before.id === now.id && permissionsOf(before).join() === permissionsOf(now).join()
}
