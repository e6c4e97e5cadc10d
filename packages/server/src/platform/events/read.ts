/**
 * Reads the log, in order.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import { type AuditEvent, parseAuditLine } from "@nightlight/vault/audit"
import type { Kysely, SelectQueryBuilder } from "kysely"
import type { Tables } from "../db/tables.ts"
import { checkEvent } from "./event-seal.ts"

/** Which events are read. */
export interface EventQuery {
  /** What they are about. */
  readonly subject?: string
  /** Any of several. */
  readonly subjects?: readonly string[]
  readonly types?: readonly string[]
  /** One type, or with a point at its end a family of them. */
  readonly type?: string
  readonly actor?: string
  /** Not before this time, ISO 8601 in UTC, by the clocks that appended them. */
  readonly since?: string
  /** Before this time, the same way. */
  readonly until?: string
  /** In order of numbers unless `newest`: then backwards. */
  readonly order?: "oldest" | "newest"
  /** First number read; from either end unless given. */
  readonly fromSeq?: number
  /** Largest number of events; all unless given. */
  readonly limit?: number
}

/**
 * Reads events by their numbers.
 *
 * @throws {IntegrityError} `audit_chain_broken` if a line is no event or was edited; `row_untrusted` if it was written by
 *   somebody without the service's key.
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
 * Reads events by their numbers, the oldest first, however many they are, and holds a page of them at a time.
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

/** Types have neither `%` nor `_` that a pattern would take for more. */
function ofFamily<Output>(
  select: SelectQueryBuilder<Tables, "events", Output>,
  family: string,
): SelectQueryBuilder<Tables, "events", Output> {
  return select.where("type", "like", `${family.replaceAll(/[%_\\]/g, "")}%`)
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
