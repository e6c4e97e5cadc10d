/**
 * SQL that reads received findings by time of arrival.
 * @module
 */
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { PastDecisions, Period } from "../policies/types.ts"

/** Number of findings that arrived in a period, by state and by whether they are from a dataset or an exchange. */
export async function countByState(db: Kysely<Tables>, { from, to }: Period) {
  const rows = await db
    .selectFrom("received_findings")
    .select(["state", "origin"])
    .select(({ fn }) => fn.countAll<string>().as("findings"))
    .where("received_at", ">=", from)
    .where("received_at", "<", to)
    .groupBy(["state", "origin"])
    .execute()
  return rows.map(({ findings, ...row }) => ({ ...row, findings: Number(findings) }))
}

/** Findings of datasets that arrived without evidence in a period, newest first. */
export async function readKeptByTime(
  db: Kysely<Tables>,
  { from, to }: Period,
  { before, limit }: Parameters<PastDecisions["read"]>[1],
) {
  let select = db
    .selectFrom("received_findings")
    .select(["record_id", "source_id", "finding_id", "received_at", "decision", "document"])
    .where("state", "=", "kept")
    .where("origin", "=", "dataset")
    .where("received_at", ">=", from)
    .where("received_at", "<", to)
  if (before !== undefined) {
    const { at, id } = before
    select = select.where((is) => is(is.refTuple("received_at", "record_id"), "<", is.tuple(at, id)))
  }
  return select.orderBy("received_at", "desc").orderBy("record_id", "desc").limit(limit).execute()
}
