/**
 * SQL of the desk.
 * @module
 */
import type { Kysely, Selectable, Transaction } from "kysely"
import type { Tables } from "../db/tables.ts"
import type { RequestTables } from "./tables.ts"
import type { Disclosure, LeRequest, RequestKind } from "./types.ts"

type Row = Selectable<RequestTables["le_requests"]>

/** Writes a request. */
export async function insertRequest(
  trx: Transaction<Tables>,
  row: Omit<Row, "state" | "closed_by" | "closed_at">,
): Promise<void> {
  await trx
    .insertInto("le_requests")
    .values({ ...row, state: "open", closed_by: null, closed_at: null })
    .execute()
}

/** Reads a request with its sealed scope. */
export async function readRequest(
  db: Kysely<Tables>,
  requestId: string,
): Promise<{ readonly request: LeRequest; readonly sealed: Buffer } | undefined> {
  const row = await db.selectFrom("le_requests").selectAll().where("request_id", "=", requestId).executeTakeFirst()
  return row === undefined ? undefined : { request: toRequest(row), sealed: row.sealed }
}

/** Which requests are listed. */
export interface RequestFilter {
  readonly state?: LeRequest["state"]
  /** Those that name this case. */
  readonly caseId?: string
}

/** Lists requests, newest first, at most 500. */
export async function listRequests(
  db: Kysely<Tables>,
  { state, caseId }: RequestFilter,
): Promise<readonly LeRequest[]> {
  let select = db.selectFrom("le_requests").selectAll()
  if (state !== undefined) select = select.where("state", "=", state)
  if (caseId !== undefined) {
    select = select.where("request_id", "in", (eb) =>
      eb.selectFrom("le_request_cases").select("le_request_cases.request_id").where("case_id", "=", caseId),
    )
  }
  return (await select.orderBy("opened_at", "desc").limit(500).execute()).map(toRequest)
}

/** Closes an open request. Returns whether it was open. */
export async function closeRequest(
  trx: Transaction<Tables>,
  requestId: string,
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<boolean> {
  const closed = await trx
    .updateTable("le_requests")
    .set({ state: "closed", closed_by: by, closed_at: at })
    .where("request_id", "=", requestId)
    .where("state", "=", "open")
    .executeTakeFirst()
  return closed.numUpdatedRows === 1n
}

/** Links a case to a request. Returns whether it was not linked before. */
export async function linkCase(
  trx: Transaction<Tables>,
  link: { readonly requestId: string; readonly caseId: string; readonly by: string; readonly at: Date },
): Promise<boolean> {
  const { requestId, caseId, by, at } = link
  const linked = await trx
    .insertInto("le_request_cases")
    .values({ request_id: requestId, case_id: caseId, linked_by: by, linked_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return linked.numInsertedOrUpdatedRows === 1n
}

/** Cases of a request. */
export async function casesOf(db: Kysely<Tables>, requestId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("le_request_cases")
    .select("case_id")
    .where("request_id", "=", requestId)
    .orderBy("linked_at")
    .execute()
  return rows.map(({ case_id }) => case_id)
}

/** Whether an open request of some kinds names a case. */
export async function namesCase(
  db: Kysely<Tables>,
  requestId: string,
  caseId: string,
  kinds: readonly RequestKind[],
): Promise<boolean> {
  const row = await db
    .selectFrom("le_requests")
    .innerJoin("le_request_cases", "le_request_cases.request_id", "le_requests.request_id")
    .select("le_requests.request_id")
    .where("le_requests.request_id", "=", requestId)
    .where("state", "=", "open")
    .where("kind", "in", kinds)
    .where("case_id", "=", caseId)
    .executeTakeFirst()
  return row !== undefined
}

/** Writes a disclosure. */
export async function insertDisclosure(trx: Transaction<Tables>, disclosure: Disclosure): Promise<void> {
  await trx
    .insertInto("disclosures")
    .values({
      ...{ disclosure_id: disclosure.disclosureId, request_id: disclosure.requestId, case_id: disclosure.caseId },
      ...{ kind: disclosure.kind, act_id: disclosure.actId, asked_by: disclosure.askedBy },
      ...{ seconded_by: disclosure.secondedBy, document_sha256: disclosure.documentSha256 ?? null },
      disclosed_at: disclosure.disclosedAt,
    })
    .execute()
}

/** Disclosures of a request, oldest first. */
export async function disclosuresOf(db: Kysely<Tables>, requestId: string): Promise<readonly Disclosure[]> {
  const rows = await db
    .selectFrom("disclosures")
    .selectAll()
    .where("request_id", "=", requestId)
    .orderBy("disclosed_at")
    .execute()
  return rows.map((row) => ({
    ...{ disclosureId: row.disclosure_id, requestId: row.request_id, caseId: row.case_id, kind: row.kind },
    ...{ actId: row.act_id, askedBy: row.asked_by, secondedBy: row.seconded_by },
    documentSha256: row.document_sha256 ?? undefined,
    disclosedAt: row.disclosed_at,
  }))
}

function toRequest(row: Row): LeRequest {
  return {
    requestId: row.request_id,
    kind: row.kind,
    state: row.state,
    receivedAt: row.received_at,
    dueAt: row.due_at ?? undefined,
    openedBy: row.opened_by,
    openedAt: row.opened_at,
    closedBy: row.closed_by ?? undefined,
    closedAt: row.closed_at ?? undefined,
  }
}
