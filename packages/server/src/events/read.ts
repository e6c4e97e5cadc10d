/**
 * Reads the log, in order.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import { type AuditEvent, parseAuditLine } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import type { Tables } from "../db/tables.ts"

/** Which events are read. */
export interface EventQuery {
  /** What they are about. */
  readonly subject?: string
  readonly type?: string
  readonly actor?: string
  /** Not before this time, ISO 8601 in UTC, by the clocks that appended them. */
  readonly since?: string
  /** First number read; 1 unless given. */
  readonly fromSeq?: number
  /** Largest number of events; all unless given. */
  readonly limit?: number
}

/**
 * Reads events in order of their numbers.
 *
 * @throws {IntegrityError} `audit_chain_broken` if a line is no event or was edited.
 */
export async function readEvents(db: Kysely<Tables>, query: EventQuery): Promise<readonly AuditEvent[]> {
  const { subject, type, actor, since, fromSeq = 1, limit } = query
  let select = db.selectFrom("events").select("line").where("seq", ">=", String(fromSeq)).orderBy("seq")
  if (subject !== undefined) select = select.where("subject", "=", subject)
  if (type !== undefined) select = select.where("type", "=", type)
  if (actor !== undefined) select = select.where("actor", "=", actor)
  if (since !== undefined) select = select.where("at", ">=", since)
  if (limit !== undefined) select = select.limit(limit)
  const rows = await select.execute()
  return rows.map(({ line }) => {
    const parsed = parseAuditLine(Buffer.from(line))
    if (parsed.kind !== "event") throw new IntegrityError("audit_chain_broken", "an event of the log was altered")
    return parsed.event
  })
}

/**
 * When somebody did something the last time but some: `undefined` if they did not do it as often.
 *
 * @param times - How many times ago, from 1 for the last.
 * @returns ISO 8601, UTC.
 */
export async function readLastButSome(
  db: Kysely<Tables>,
  { actor, type, times }: { readonly actor: string; readonly type: string; readonly times: number },
): Promise<string | undefined> {
  const row = await db
    .selectFrom("events")
    .select("at")
    .where("actor", "=", actor)
    .where("type", "=", type)
    .orderBy("seq", "desc")
    .offset(times - 1)
    .limit(1)
    .executeTakeFirst()
  return row?.at
}
