/**
 * Endings of all of a person's sessions at once. Each session carries the ending that it started after, and the log
 * says which ones came later.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"

/** Type of the event; `data` holds `ending`, its id, and `kept`, the session that was kept, if any. */
export const SESSIONS_ENDED_ALL = "sessions.ended-all"

/** A session to look up in the log. */
export interface LoggedSession {
  readonly id: string
  /** Id of the ending that the session started after; `undefined` if there was none. */
  readonly afterEnding: string | undefined
}

/** Id of the last ending of all of a person's sessions. */
export async function readLastEnding(db: Kysely<Tables>, personId: string): Promise<string | undefined> {
  const [last] = await readEvents(db, { subject: personId, type: SESSIONS_ENDED_ALL, order: "newest", limit: 1 })
  return last === undefined ? undefined : endingOf(last)
}

/** Whether a session was ended, alone or with all others of its person, by the events about both. */
export function isSessionEnded(events: readonly AuditEvent[], personId: string, session: LoggedSession): boolean {
  if (events.some(({ data }) => data["subject"] === session.id)) return true
  const endings = events.filter(({ type, data }) => type === SESSIONS_ENDED_ALL && data["subject"] === personId)
  const before = endings.findIndex((event) => endingOf(event) === session.afterEnding)
  // It started after an ending that the log does not know, so it belongs to another log.
  if (session.afterEnding !== undefined && before === -1) return true
  return endings.slice(before + 1).some(({ data }) => data["kept"] !== session.id)
}

function endingOf({ data }: AuditEvent): string | undefined {
  const ending = data["ending"]
  return typeof ending === "string" ? ending : undefined
}
