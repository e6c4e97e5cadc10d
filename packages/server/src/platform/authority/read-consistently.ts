/**
 * Rows read beside the log.
 * @module
 */
import type { Kysely } from "kysely"
import type { Tables } from "../db/tables.ts"
import type { UntrustedRow } from "./authority.ts"
import { authorityOf } from "./of-database.ts"

/** One reading of rows, and then of what the log says of them. */
export interface Reading<Value> {
  readonly value: Value
  /** The row that contradicts the log; `undefined` if none does. */
  readonly differing: UntrustedRow | undefined
}

/** A reading that found no row: there is nothing to compare. */
export const ABSENT = { value: undefined, differing: undefined } as const

/** How often rows and log are read before a difference between them counts. */
const READS = 3

/**
 * Reads rows and the log until the two agree, at most three times: outside a lock, somebody may change both between the
 * two readings, which is no manipulation.
 *
 * @returns The reading that agrees, or else the last one.
 */
export async function readConsistently<Value>(read: () => Promise<Reading<Value>>): Promise<Reading<Value>> {
  for (let reads = 1; ; reads++) {
    const reading = await read()
    if (reading.differing === undefined || reads >= READS) return reading
  }
}

/**
 * Reads rows that agree with the log, as {@link readConsistently}.
 *
 * @throws {IntegrityError} `row_untrusted`, naming the row that differs in three readings.
 */
export async function readConsistentlyOrThrow<Value>(
  db: Kysely<Tables>,
  read: () => Promise<Reading<Value>>,
): Promise<Value> {
  const { value, differing } = await readConsistently(read)
  if (differing !== undefined) throw authorityOf(db).distrust(differing)
  return value
}

/** A reading of one row, which differs if `isDiffering`. */
export function readingOf<Value>(value: Value, isDiffering: boolean, row: UntrustedRow): Reading<Value> {
  return { value, differing: isDiffering ? row : undefined }
}
