import { DependencyError } from "@nightlight/core"
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"

/** A row that is not what the log, or its own code, says. */
export interface RowProblem {
  readonly table: string
  /** Id of the row, or of what has none. */
  readonly id: string
  /**
   * `unsealed`: written by somebody without the service's key. `unknown`: the log does not know it. `missing`: the log
   * knows it and it is gone. `unapproved`: an event for which two people are needed, and no approval stands for it.
   * `unreadable`: it holds what no service writes, such as a time without end, or its table is not to be read. Else what
   * differs: `owner`, `ended`, `joined`, `deactivated`, `role`, `proof`, `decision`, `lock`, `lifted`, `state`,
   * `approval`, `deadline`, `claim`, `place`, `items`, `count`.
   */
  readonly what: string
}

/** Who watches a comparison. */
export interface CompareWatch {
  readonly signal?: AbortSignal
  /** Is told how many cases were compared since it was told before. */
  readonly onPage?: (cases: number) => void
}

/** What differs, or `unreadable` where the row cannot even be compared. */
export function orUnreadable(compare: () => string | undefined): string | undefined {
  try {
    return compare()
  } catch {
    return "unreadable"
  }
}

/** Codes of a database that does not answer now: nothing is said of its rows by that. */
const ABSENT: readonly string[] = ["unavailable", "timed_out", "disk_full"]
/** SQLSTATE where somebody holds a lock of a table for longer than anybody waits. */
const LOCKED = "55P03"

/**
 * Looks for a problem of a table. Who writes to the database must not end a verification by what they write.
 *
 * @param trx - In a transaction.
 * @throws {DependencyError} `unavailable`, `timed_out`, `disk_full`; what the signal was aborted with.
 */
export async function findOrUnreadable(
  trx: Kysely<Tables>,
  table: string,
  find: () => Promise<RowProblem | undefined>,
  signal?: AbortSignal,
): Promise<RowProblem | undefined> {
  // A statement that fails would take the whole transaction with it.
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
