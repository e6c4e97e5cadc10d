/**
 * Transactions that are repeated where the database asks for it.
 * @module
 */
import type { Kysely, Transaction } from "kysely"
import { isRepeatable } from "./errors.ts"

const TRIES = 5

/**
 * Runs work in a transaction (read committed), up to five times while the database answers with a serialisation failure
 * or a deadlock. The work is repeated from its start, so it must not do anything outside the database.
 */
export async function inTransaction<DB, Result>(
  db: Kysely<DB>,
  work: (trx: Transaction<DB>) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (attempt >= TRIES || !isRepeatable(error)) throw error
    }
  }
}
