/**
 * Projects from the log what keeps a case's evidence. Deleting rows, or restoring old ones, ends nothing that the log
 * says is in effect.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import { authorityOf } from "../../platform/authority/of-database.ts"
import { readConsistently } from "../../platform/authority/read-consistently.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"
import * as store from "./store.ts"
import type { Preservation } from "./types.ts"

/** Holds and locks of a case by its events. */
export interface LoggedPreservation {
  /** Holds that were placed and not lifted, with their ends. */
  readonly holds: ReadonlyMap<string, Date | undefined>
  /** The end of its latest lock. */
  readonly lockedUntil: Date | undefined
}

/** Projects the events about one case, or about one piece of evidence. */
export function projectPreservation(events: readonly AuditEvent[], subject: string): LoggedPreservation {
  const holds = new Map<string, Date | undefined>()
  let lockedUntil: Date | undefined
  for (const { type, data } of events) {
    if (data["subject"] !== subject) continue
    const until = timeOf(data["until"])
    const hold = typeof data["hold"] === "string" ? data["hold"] : ""
    if (type === "hold.placed") holds.set(hold, until)
    if (type === "hold.lifted") holds.delete(hold)
    if (type !== "preservation.locked" && type !== "preservation.extended") continue
    if (until !== undefined && (lockedUntil === undefined || until > lockedUntil)) lockedUntil = until
  }
  return { holds, lockedUntil }
}

/**
 * Whether a case is on hold, according to the rows or the log.
 *
 * @throws {IntegrityError} `row_untrusted` if a row was altered.
 */
export async function isOnHold(db: Kysely<Tables>, caseId: string, now: Date): Promise<boolean> {
  const lasts = (until: Date | undefined) => until === undefined || until > now
  const { value, differing } = await readConsistently(async () => {
    const holds = await store.holdsOf(db, caseId)
    if (holds.some(({ liftedAt, until }) => liftedAt === undefined && lasts(until))) {
      return { value: true, differing: undefined }
    }
    const logged = projectPreservation(await readPowerEvents(db, caseId), caseId)
    const missing = [...logged.holds].find(([, until]) => lasts(until))?.[0]
    return {
      value: missing !== undefined,
      differing: missing === undefined ? undefined : { table: "holds", id: missing },
    }
  })
  if (differing !== undefined) authorityOf(db).distrust(differing)
  return value
}

/** The pieces of a case's evidence that no lock in the log covers now; raises an alarm for each other one. */
export async function findPiecesWithoutLoggedLock(
  db: Kysely<Tables>,
  items: readonly Preservation[],
  now: Date,
): Promise<readonly Preservation[]> {
  if (items.length === 0) return items
  const subjects = items.flatMap(({ caseId, evidenceId }) => [caseId, evidenceId])
  const events = await readPowerEvents(db, ...new Set(subjects))
  return items.filter(({ caseId, evidenceId }) => {
    const ends = [caseId, evidenceId].map((subject) => projectPreservation(events, subject).lockedUntil)
    if (!ends.some((until) => until !== undefined && until > now)) return true
    authorityOf(db).distrust({ table: "preservations", id: evidenceId })
    return false
  })
}

/** Whether the log's last event about a piece of evidence is the order of its destruction under this certificate. */
export async function isOrdered(db: Kysely<Tables>, { evidenceId, certificateId }: Preservation): Promise<boolean> {
  const last = (await readPowerEvents(db, evidenceId)).at(-1)
  if (last?.type === "evidence.destruction-ordered" && last.data["certificate"] === certificateId) return true
  authorityOf(db).distrust({ table: "preservations", id: evidenceId })
  return false
}

function timeOf(value: unknown): Date | undefined {
  return typeof value === "string" ? new Date(value) : undefined
}
