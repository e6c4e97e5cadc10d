/**
 * Verifies the log, makes anew from it who may do what, and compares the tables with that.
 * @module
 */
import type { AuditVerification } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import type { Tables } from "../db/tables.ts"
import { type VerifyLogOptions, verifyLog } from "../events/verify.ts"
import { findRowProblem, type RowProblem } from "./compare-rows.ts"
import { Rebuilt } from "./rebuild.ts"

/** What {@link verifyDatabase} can say. */
export interface DatabaseVerification extends AuditVerification {
  /** The first row that differs from the log, if the log holds. */
  readonly row?: RowProblem
}

/**
 * Verifies log and tables in one snapshot. Writes nothing.
 *
 * @throws {DependencyError} `unavailable`.
 */
export async function verifyDatabase(
  db: Kysely<Tables>,
  options: Omit<VerifyLogOptions, "visit" | "afterwards">,
): Promise<DatabaseVerification> {
  const log = new Rebuilt()
  let row: RowProblem | undefined
  const result = await verifyLog(db, {
    ...options,
    visit: (event) => log.take(event),
    afterwards: async (snapshot) => {
      row = await findRowProblem(snapshot, log)
    },
  })
  return row === undefined ? result : { ...result, ok: false, row }
}
