/**
 * Reads the log, in order.
 * @module
 */

import { IntegrityError } from "@nightlight/core"
import { type AuditData, type AuditEvent, parseAuditLine } from "@nightlight/vault/audit"
import type { Kysely, SelectQueryBuilder } from "kysely"
import type { Tables } from "../db/tables.ts"
import { checkEvent } from "./event-seal.ts"

/** Filter and order of events. */
export interface EventQuery {
  /** Events of this subject. */
  readonly subject?: string
  /** Events of any of these subjects. */
  readonly subjects?: readonly string[]
  readonly types?: readonly string[]
  /** One type or, with a point at its end, a family of types. */
  readonly type?: string
  readonly actor?: string
  /** Not before this time, ISO 8601 in UTC, by the clocks of the servers that appended them. */
  readonly since?: string
  /** Before this time, in the same form. */
  readonly until?: string
  /** By number; `oldest` first by default. */
  readonly order?: "oldest" | "newest"
  /** First number to read; by default from the respective end. */
  readonly fromSeq?: number
  /** Maximum number of events; all by default. */
  readonly limit?: number
}

/**
 * Reads events by their numbers.
 *
 * @throws {IntegrityError} `audit_chain_broken` if a line is no event or was edited; `row_untrusted` if it was written
 *   by somebody without the server's key.
 */
export async function readEvents(db: Kysely<Tables>, query: EventQuery): Promise<readonly AuditEvent[]> {
  const { subject, subjects, type, types, actor, since, until, order = "oldest", fromSeq, limit } = query
  const isBackwards = order === "newest"
  let select = db
    .selectFrom("events")
    .select(["line", "mac"])
    .orderBy("seq", isBackwards ? "desc" : "asc")
  if (fromSeq !== undefined) select = select.where("seq", isBackwards ? "<=" : ">=", String(fromSeq))
  if (subject !== undefined) select = select.where("subject", "=", subject)
  if (subjects !== undefined) select = select.where("subject", "in", subjects)
  if (types !== undefined) select = select.where("type", "in", types)
  if (type !== undefined) select = type.endsWith(".") ? ofFamily(select, type) : select.where("type", "=", type)
  if (actor !== undefined) select = select.where("actor", "=", actor)
  if (since !== undefined) select = select.where("at", ">=", since)
  if (until !== undefined) select = select.where("at", "<", until)
  if (limit !== undefined) select = select.limit(limit)
  const rows = await select.execute()
  return rows.map(({ line, mac }) => {
    const event = toAuditEvent(line)
    checkEvent(db, event, mac)
    return event
  })
}

/** Reads a line of the log. @throws {IntegrityError} `audit_chain_broken` if it is no event or was edited. */
export function toAuditEvent(line: string): AuditEvent {
  const parsed = parseAuditLine(Buffer.from(line))
  if (parsed.kind !== "event") throw new IntegrityError("audit_chain_broken", "an event of the log was altered")
  return parsed.event
}

/** Events of one page of {@link walkEvents}: about a megabyte. */
const PAGE_EVENTS = 1_000

/**
 * Reads any number of events by number, oldest first, and keeps one page of them in memory.
 *
 * @throws {IntegrityError} as {@link readEvents}.
 */
export async function* walkEvents(
  db: Kysely<Tables>,
  query: Omit<EventQuery, "order" | "fromSeq" | "limit">,
  pageEvents = PAGE_EVENTS,
): AsyncGenerator<AuditEvent, void, undefined> {
  for (let fromSeq = 1; ; ) {
    const page = await readEvents(db, { ...query, fromSeq, limit: pageEvents })
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < pageEvents) return
    fromSeq = last.seq + 1
  }
}

/** Types contain neither `%` nor `_`, which a pattern would interpret. */
function ofFamily<Output>(
  select: SelectQueryBuilder<Tables, "events", Output>,
  family: string,
): SelectQueryBuilder<Tables, "events", Output> {
  return select.where("type", "like", `${family.replaceAll(/[%_\\]/g, "")}%`)
}

/**
 * When somebody did something for the n-th last time; `undefined` if they did it less often.
 *
 * @param times - 1 for the last time, 2 for the one before, and so on.
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

/** A text member of an event; `""` if it is no text. */
export function textOf(data: AuditData, name: string): string {
  const value = data[name]
  return typeof value === "string" ? value : ""
}
