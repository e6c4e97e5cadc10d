/**
 * SQL of requests.
 * @module
 */
import type { DisclosureReceipt } from "@nightlight/contract/custodian"
import { canonicalJson } from "@nightlight/core"
import type { Kysely, Transaction } from "kysely"
import { readConsistentlyOrThrow, readingOf } from "../../platform/authority/read-consistently.ts"
import {
  insertSealed,
  insertSealedOnce,
  readOneSealed,
  readSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import type { RequestKind } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"
import type { Disclosure, LeRequest } from "./types.ts"

type Row = SealedRow<"le_requests">

/** Inserts a row of `le_requests` in state `open`, with its MAC. Its scope must be sealed already. */
export async function insertRequest(
  trx: Transaction<Tables>,
  row: Omit<Row, "state" | "closed_by" | "closed_at" | "mac">,
): Promise<void> {
  await insertSealed(trx, "le_requests", { ...row, state: "open", closed_by: null, closed_at: null })
}

/** Reads a request with its sealed scope. */
export async function readRequest(
  db: Kysely<Tables>,
  requestId: string,
): Promise<{ readonly request: LeRequest; readonly sealed: Buffer } | undefined> {
  const row = await readOneSealed(db, "le_requests", (all) => all.where("request_id", "=", requestId))
  return row === undefined ? undefined : { request: toRequest(row), sealed: row.sealed }
}

/** Filter of requests; members are combined by `and`. */
export interface RequestFilter {
  readonly state?: LeRequest["state"]
  /** Only those that name this case. */
  readonly caseId?: string
}

/** Lists requests, newest first, at most 500. */
export async function listRequests(
  db: Kysely<Tables>,
  { state, caseId }: RequestFilter,
): Promise<readonly LeRequest[]> {
  const rows = await readSealedGood(db, "le_requests", (all) => {
    let select = all.orderBy("opened_at", "desc").limit(500)
    if (state !== undefined) select = select.where("state", "=", state)
    if (caseId !== undefined) {
      select = select.where("request_id", "in", (eb) =>
        eb.selectFrom("le_request_cases").select("le_request_cases.request_id").where("case_id", "=", caseId),
      )
    }
    return select
  })
  return rows.map(toRequest)
}

/** Closes an open request. Returns whether it was open. */
export async function closeRequest(
  trx: Transaction<Tables>,
  requestId: string,
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<boolean> {
  const closed = await updateSealed(
    trx,
    "le_requests",
    (all) => all.where("request_id", "=", requestId).where("state", "=", "open"),
    { state: "closed", closed_by: by, closed_at: at },
  )
  return closed.length === 1
}

/** Links a case to a request. Returns whether it was not linked before. */
export async function linkCase(
  trx: Transaction<Tables>,
  link: { readonly requestId: string; readonly caseId: string; readonly by: string; readonly at: Date },
): Promise<boolean> {
  const { requestId, caseId, by, at } = link
  const row = { request_id: requestId, case_id: caseId, linked_by: by, linked_at: at }
  return (await insertSealedOnce(trx, "le_request_cases", row)) === 1
}

/** Reads the ids of a request's cases, in the order in which they were linked. */
export async function casesOf(db: Kysely<Tables>, requestId: string): Promise<readonly string[]> {
  const rows = await readSealed(db, "le_request_cases", (all) =>
    all.where("request_id", "=", requestId).orderBy("linked_at"),
  )
  return rows.map(({ case_id }) => case_id)
}

/**
 * Whether an open request of some kinds names a case.
 *
 * @throws {IntegrityError} `row_untrusted`, also if the log says that the request was closed.
 */
export function isCaseOfOpenRequest(
  db: Kysely<Tables>,
  requestId: string,
  caseId: string,
  kinds: readonly RequestKind[],
): Promise<boolean> {
  return readConsistentlyOrThrow(db, async () => {
    const open = await readOneSealed(db, "le_requests", (all) =>
      all.where("request_id", "=", requestId).where("state", "=", "open").where("kind", "in", kinds),
    )
    const isNamed = open !== undefined && (await casesOf(db, requestId)).includes(caseId)
    const isClosed = isNamed && (await readPowerEvents(db, requestId)).length > 0
    return readingOf(isNamed, isClosed, { table: "le_requests", id: requestId })
  })
}

/** Inserts a row of `disclosures`, which nothing changes later, with the custodian's receipt as canonical JSON. */
export async function insertDisclosure(
  trx: Transaction<Tables>,
  disclosure: Disclosure & { readonly receipt: DisclosureReceipt },
): Promise<void> {
  await trx
    .insertInto("disclosures")
    .values({
      disclosure_id: disclosure.disclosureId,
      request_id: disclosure.requestId,
      case_id: disclosure.caseId,
      kind: disclosure.kind,
      approval_id: disclosure.approvalId,
      requested_by: disclosure.requestedBy,
      approved_by: disclosure.approvedBy,
      document_sha256: disclosure.documentSha256 ?? null,
      receipt_json: canonicalJson(disclosure.receipt),
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
    disclosureId: row.disclosure_id,
    requestId: row.request_id,
    caseId: row.case_id,
    kind: row.kind,
    approvalId: row.approval_id,
    requestedBy: row.requested_by,
    approvedBy: row.approved_by,
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
