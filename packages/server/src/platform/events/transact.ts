/**
 * The only way to change state: a transaction and the events that record it are committed together or not at all.
 * @module
 */
import type { Clock } from "@nightlight/core"
import type { Kysely, Transaction } from "kysely"
import type { Tables } from "../db/tables.ts"
import { inTransaction } from "../db/transaction.ts"
import { appendEvents, type EventInput } from "./append.ts"

/** Dependencies of {@link transact}. */
export interface TransactDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
}

/** An open transaction that can record events. */
export interface EventTransaction {
  readonly trx: Transaction<Tables>
  /** Adds an event; all are appended in this order when the work is done. */
  readonly record: (event: EventInput) => void
}

const recorded = new WeakMap<Kysely<Tables>, readonly EventInput[]>()

/** Events recorded so far in an open transaction; none if `db` is no transaction. */
export function recordedIn(db: Kysely<Tables>): readonly EventInput[] {
  return recorded.get(db) ?? []
}

/**
 * Runs work in one transaction, repeated where the database asks for it (serialisation, deadlock).
 *
 * @param actor - Id of the actor, written in each event.
 * @returns The work's result, once it is committed.
 * @throws The work's error, after rolling back; {@link inTransaction}'s errors.
 */
export async function transact<Result>(
  { db, clock }: TransactDeps,
  actor: string,
  work: (tx: EventTransaction) => Promise<Result>,
): Promise<Result> {
  return inTransaction(db, async (trx) => {
    const events: EventInput[] = []
    recorded.set(trx, events)
    const result = await work({ trx, record: (event) => void events.push(event) })
    await appendEvents(trx, { actor, events, clock })
    return result
  })
}
