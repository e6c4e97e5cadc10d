/**
 * Appends to the log inside the transaction that makes the change.
 *
 * One event is one line of vault's audit log, so an export can be verified there. The chain allows one writer at a
 * time: {@link appendEvents} takes the log's lock and holds it until the transaction ends. Therefore `transact` calls
 * it last. Each row is sealed too: somebody who can write rows, but has no key, cannot add an event that verifies.
 * @module
 */
import type { Clock } from "@nightlight/core"
import { AUDIT_GENESIS, type AuditData, assertAuditInput, chainAuditEvent, toAuditLine } from "@nightlight/vault/audit"
import { sql, type Transaction } from "kysely"
import type { Tables } from "../db/tables.ts"
import { isEventSealed, sealEvent } from "./event-seal.ts"

/** Key of the advisory lock that orders the writers. */
const LOCK = 7_421_001

/** An event before it is chained. */
export interface EventInput {
  /** Type of the event, in the past tense: `case.claimed`. */
  readonly type: string
  /** Subject, such as `case-<uuid>`; events with one subject project to its state. */
  readonly subject: string
  /** Ids, codes, counts and times: no text that a person wrote, no digest that is not keyed. */
  readonly data?: AuditData
}

/**
 * Appends events, in order.
 *
 * @param actor - Id of the person, service or system actor.
 * @throws {RequestError} `input_invalid` if an event contains more than ids, codes and counts.
 */
export async function appendEvents(
  trx: Transaction<Tables>,
  { actor, events, clock }: { readonly actor: string; readonly events: readonly EventInput[]; readonly clock: Clock },
): Promise<void> {
  if (events.length === 0) return
  const inputs = events.map(({ type, subject, data }) => ({ type, actor, data: { ...data, subject } }))
  for (const input of inputs) assertAuditInput(input)
  await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(trx)
  const last = await trx
    .selectFrom("events")
    .select(["seq", "hash", "mac"])
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst()
  let head = last === undefined ? { seq: 0, hash: AUDIT_GENESIS } : { seq: Number(last.seq), hash: last.hash }
  // Only reported: a false event stays one that does not verify, and refusing to go on would stop the server.
  if (last !== undefined) isEventSealed(trx, head, last.mac)
  const at = clock.now().toISOString()
  const rows = inputs.map((input) => {
    const event = chainAuditEvent(input, at, head)
    head = { seq: event.seq, hash: event.hash }
    const { seq, type, hash } = event
    const mac = sealEvent(trx, event)
    return { seq: String(seq), at, type, actor, line: toAuditLine(event).slice(0, -1), hash, mac }
  })
  await trx.insertInto("events").values(rows).execute()
}
