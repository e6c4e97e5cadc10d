/**
 * Verifies the log, rebuilds from it who may do what, and compares the tables with the result.
 * @module
 */
import { compact } from "@nightlight/core"
import type { AuditVerification } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { type VerifyLogOptions, verifyLog } from "../../platform/events/verify.ts"
import type { SigningRule } from "../../staff/approvals/signing.ts"
import { type ApprovalWitness, verifyApprovals } from "../../staff/approvals/verify-proofs.ts"
import { findRowProblem } from "./compare-rows.ts"
import { Rebuilt } from "./rebuild.ts"
import type { RowProblem } from "./row-problem.ts"

/** Result of {@link verifyDatabase}. */
export interface DatabaseVerification extends AuditVerification {
  /** The first row that differs from the log, if the log is intact. */
  readonly row?: RowProblem
  /**
   * Number of approvals that two people decided, and of those that one or both did not sign; absent if they were not
   * checked, or `row` is present.
   */
  readonly approvals?: { readonly decided: number; readonly unsigned: number }
}

/** Options of {@link verifyDatabase}. */
export interface VerifyDatabaseOptions extends Omit<VerifyLogOptions, "visit" | "onPage" | "afterwards"> {
  /** The keys that the custodian enrolled; without them, signatures under approvals are not verified. */
  readonly witness?: ApprovalWitness
  /** Who must sign approvals, by the configuration; `when-enrolled` by default. */
  readonly signing?: SigningRule
  /** Called with the progress: events and cases read, of an approximate total. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Verifies log and tables in one snapshot. Writes nothing.
 *
 * @throws {DependencyError} `unavailable`.
 */
export async function verifyDatabase(
  db: Kysely<Tables>,
  { witness, signing, onProgress, ...options }: VerifyDatabaseOptions,
): Promise<DatabaseVerification> {
  const log = new Rebuilt()
  let row: RowProblem | undefined
  let approvals: DatabaseVerification["approvals"]
  const onPage = onProgress && (await followed(db, onProgress))
  const result = await verifyLog(db, {
    ...options,
    ...compact({ onPage }),
    visit: (event) => log.apply(event),
    afterwards: async (snapshot) => {
      row = await findRowProblem(snapshot, log, compact({ signal: options.signal, onPage }))
      if (row !== undefined || witness === undefined) return
      const { decided, unsigned, faults } = await verifyApprovals(snapshot, witness, signing)
      approvals = { decided, unsigned: unsigned.length }
      const [fault] = faults
      if (fault !== undefined) row = { table: "approvals", id: fault.approvalId, what: fault.problem }
    },
  })
  const said = { ...result, ...compact({ approvals }) }
  return row === undefined ? said : { ...said, ok: false, row }
}

/** Adds up the progress from page to page. */
async function followed(
  db: Kysely<Tables>,
  onProgress: (done: number, total: number) => void,
): Promise<(read: number) => void> {
  const last = await db.selectFrom("events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst()
  const { cases } = await db
    .selectFrom("cases")
    .select((is) => is.fn.countAll<string>().as("cases"))
    .executeTakeFirstOrThrow()
  const total = Number(last?.seq ?? 0) + Number(cases)
  let done = 0
  return (read) => {
    done += read
    onProgress(done, total)
  }
}
