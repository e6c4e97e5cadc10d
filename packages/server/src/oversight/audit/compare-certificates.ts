/**
 * Compares certificates of destruction, their receipts and the context keys of cases with the log.
 * @module
 */
import { canonicalJson, type JsonValue } from "@nightlight/core"
import { type Kysely, sql } from "kysely"
import { sha256 } from "../../casework/cases/state/row-digest.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { compareKeyed } from "./compare-keyed.ts"
import type { Rebuilt } from "./rebuild.ts"
import type { RowProblem } from "./row-problem.ts"

/** Finds the first certificate or receipt that differs from what was issued, or is missing. */
export async function findCertificateProblem(
  db: Kysely<Tables>,
  { certificates }: Pick<Rebuilt, "certificates">,
): Promise<RowProblem | undefined> {
  const issued = await db
    .selectFrom("destruction_certificates")
    .select(["certificate_id", "case_id", "basis", "approval_id", "document"])
    .execute()
  const problem = compareKeyed({
    table: "destruction_certificates",
    said: certificates,
    rows: issued,
    idOf: ({ certificate_id }) => certificate_id,
    differenceOf: (row, said) => {
      const isSame =
        row.case_id === said.caseId &&
        row.basis === said.basis &&
        (row.approval_id ?? undefined) === said.approvalId &&
        sha256(row.document) === said.documentSha256
      return isSame ? undefined : "state"
    },
  })
  if (problem !== undefined) return problem
  return compareKeyed({
    table: "destruction_receipts",
    said: new Map([...certificates].filter(([, { receiptSha256 }]) => receiptSha256 !== undefined)),
    rows: await db.selectFrom("destruction_receipts").select(["certificate_id", "document"]).execute(),
    idOf: ({ certificate_id }) => certificate_id,
    differenceOf: ({ document }, { receiptSha256 }) =>
      sha256(canonicalJson(document as JsonValue)) === receiptSha256 ? undefined : "state",
  })
}

/** Finds the first case whose key is missing without its destruction, or present in spite of it. */
export async function findCaseKeyProblem(
  db: Kysely<Tables>,
  { destroyedContexts }: Pick<Rebuilt, "destroyedContexts">,
): Promise<RowProblem | undefined> {
  // Requests of authorities are sealed under a key of their own.
  const { rows } = await sql<{ readonly id: string }>`
    SELECT id FROM (SELECT case_id AS id FROM cases UNION ALL SELECT request_id FROM le_requests) AS sealed
    WHERE NOT EXISTS (SELECT FROM case_keys WHERE case_id = id) ORDER BY id LIMIT 1`.execute(db)
  const [lacking] = rows
  if (lacking !== undefined) return { table: "case_keys", id: lacking.id, what: "missing" }
  const destroyed = await db
    .selectFrom("case_keys")
    .select("case_id")
    .where((is) => is.or([is("wrapped", "is", null), is("destroyed_at", "is not", null)]))
    .execute()
  const unknown = destroyed.find(({ case_id }) => !destroyedContexts.has(case_id))
  if (unknown !== undefined) return { table: "case_keys", id: unknown.case_id, what: "unknown" }
  const back = await db
    .selectFrom("case_keys")
    .select("case_id")
    .where("wrapped", "is not", null)
    .where(sql<boolean>`case_id = ANY(${[...destroyedContexts]})`)
    .limit(1)
    .executeTakeFirst()
  return back && { table: "case_keys", id: back.case_id, what: "ended" }
}
