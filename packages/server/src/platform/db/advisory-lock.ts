/**
 * Advisory locks of the database, each with a number of its own.
 * @module
 */
import { sql, type Transaction } from "kysely"
import type { Tables } from "./tables.ts"

/** 7421001 orders the writers of the log (`events/append.ts`), 7421002 grants to the job queue (`jobs/install.ts`). */
const NUMBERS = {
  "case-key": 7_421_007,
  policies: 7_421_008,
  "evidence-fates": 7_421_010,
  checkpoint: 7_421_011,
  limits: 7_421_012,
  "false-positives": 7_421_013,
  notices: 7_421_029,
} as const

type AdvisoryLock = keyof typeof NUMBERS

/**
 * Waits for the lock and holds it until the transaction ends.
 *
 * @param key - Distinguishes locks that do not concern one another.
 */
export async function lockUntilEnd(trx: Transaction<Tables>, lock: AdvisoryLock, key = ""): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${key}, ${sql.lit(NUMBERS[lock])}))`.execute(trx)
}
