/**
 * Verifies the log, makes anew from it who may do what, and compares the tables with that.
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

/** What {@link verifyDatabase} can say. */
export interface DatabaseVerification extends AuditVerification {
  /** The first row that differs from the log, if the log holds. */
  readonly row?: RowProblem
  /** Approvals that two people decided, and how many of them one or both did not sign; absent if nobody asked, or `row` is. */
  readonly approvals?: { readonly decided: number; readonly unsigned: number }
}

/** What a verification is made with. */
export interface VerifyDatabaseOptions extends Omit<VerifyLogOptions, "visit" | "onPage" | "afterwards"> {
  /** Whose keys the custodian enrolled, so that signatures under approvals are verified; they are not without it. */
  readonly witness?: ApprovalWitness
  /** Who signs approvals, by the configuration; `when-enrolled` unless given. */
  readonly signing?: SigningRule
  /** Is told how far it has come: events and cases read, of about so many. */
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
    visit: (event) => log.take(event),
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

/** Counts on from page to page. */
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
