import type { RowDifference } from "@nightlight/contract/server"
import { DependencyError } from "@nightlight/core"
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"

/** A row that differs from the log, or whose MAC is wrong. */
export interface RowProblem {
  readonly table: string
  /** Id of the row, or of the thing without one. */
  readonly id: string
  readonly what: RowDifference
}

/** Observes and aborts a comparison. */
export interface CompareWatch {
  readonly signal?: AbortSignal
  /** Called with the number of cases compared since the last call. */
  readonly onPage?: (cases: number) => void
}

/** The difference, or `unreadable` if the row cannot even be compared. */
export function orUnreadable(compare: () => RowDifference | undefined): RowDifference | undefined {
  try {
    return compare()
  } catch {
    return "unreadable"
  }
}

/** Codes of a database that does not answer now, which says nothing about its rows. */
const ABSENT: readonly string[] = ["unavailable", "timed_out", "disk_full"]
/** SQLSTATE when somebody holds a lock of a table for longer than the time limit. */
const LOCKED = "55P03"

/**
 * Finds a problem of a table. Nothing written to the database can end a verification early.
 *
 * @param trx - In a transaction.
 * @throws {DependencyError} `unavailable`, `timed_out`, `disk_full`; the reason of the signal.
 */
export async function findOrUnreadable(
  trx: Kysely<Tables>,
  table: string,
  find: () => Promise<RowProblem | undefined>,
  signal?: AbortSignal,
): Promise<RowProblem | undefined> {
  // Without the savepoint, a failed statement would abort the whole transaction.
  await sql`SAVEPOINT compared`.execute(trx)
  try {
    return await find()
  } catch (error) {
    signal?.throwIfAborted()
    if (isAbsent(error)) throw error
    await sql`ROLLBACK TO SAVEPOINT compared`.execute(trx)
    return { table, id: "table", what: "unreadable" }
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof DependencyError && ABSENT.includes(error.code) && error.details["sqlState"] !== LOCKED
}
