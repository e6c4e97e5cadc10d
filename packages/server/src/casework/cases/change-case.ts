/**
 * How another feature changes a case: under its lock, by events.
 * @module
 */
import type { Kysely, Transaction } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import { readItemIds, readItemStrengths } from "./items/item-store.ts"
import { readSettling } from "./queue/queue-store.ts"
import type { CaseEvent } from "./state/events.ts"
import type { CaseHead } from "./state/head.ts"
import { applyEvents, lockHead, readHead } from "./store.ts"
import type { ItemId, ItemStrength } from "./types.ts"

/** Reads a case without a lock, in the caller's transaction if `db` is one; `undefined` if there is no such case. */
export function readCase(db: Kysely<Tables>, caseId: string): Promise<CaseHead | undefined> {
  return readHead(db, caseId)
}

/**
 * Reads a case and locks it until the transaction ends.
 *
 * @throws {RequestError} `not_found`.
 */
export function lockCase(trx: Transaction<Tables>, caseId: string): Promise<CaseHead> {
  return lockHead(trx, caseId)
}

/**
 * Records events of a case and writes the state that they lead to.
 *
 * @param head - As {@link lockCase} returned it in this transaction.
 * @returns The new state.
 */
export function changeCase(
  tx: EventTransaction,
  caseId: string,
  head: CaseHead,
  events: readonly CaseEvent[],
): Promise<CaseHead> {
  return applyEvents(tx, caseId, head, events)
}

/** Ids of a case's items, in order of attachment. */
export function itemIdsOf(db: Kysely<Tables>, caseId: string): Promise<readonly ItemId[]> {
  return readItemIds(db, caseId)
}

/** How strongly each item of a case matched, in order of attachment. */
export function itemStrengthsOf(db: Kysely<Tables>, caseId: string): Promise<readonly ItemStrength[]> {
  return readItemStrengths(db, caseId)
}

/** Ids of cases whose decision may still be undone, in the order in which they settle. */
export function settlingCases(db: Kysely<Tables>, limit: number): Promise<readonly string[]> {
  return readSettling(db, limit)
}
