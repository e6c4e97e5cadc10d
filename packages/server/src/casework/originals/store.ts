/**
 * SQL of requests for originals.
 * @module
 */
import type { Kysely, Transaction } from "kysely"
import {
  insertSealed,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import type { OriginalState } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { OriginalRequest } from "./types.ts"

/**
 * Inserts a waiting request.
 *
 * @throws {RequestError} `state_conflict` if its grant was used for another.
 */
export async function addRequest(
  trx: Transaction<Tables>,
  request: Omit<OriginalRequest, "state" | "secondSignature" | "decidedBy">,
): Promise<void> {
  const { id, caseId, itemId, requestedBy, requestedAt, expiresAt, grant, firstSignature } = request
  await insertSealed(trx, "original_requests", {
    id,
    case_id: caseId,
    item_id: itemId,
    state: "waiting",
    requested_by: requestedBy,
    requested_at: requestedAt,
    expires_at: expiresAt,
    grant_id: grant.grantId,
    grant_json: JSON.stringify(grant),
    first_signature: firstSignature,
    approval_signature: null,
    decided_by: null,
    decided_at: null,
  })
}

/** Requests that have not expired, oldest first. */
export async function readLive(db: Kysely<Tables>, now: Date): Promise<readonly OriginalRequest[]> {
  const rows = await readSealedGood(db, "original_requests", (all) =>
    all.where("expires_at", ">", now).orderBy("requested_at").orderBy("id"),
  )
  return rows.map(toRequest)
}

/** Reads a request; `undefined` if there is none with this id. */
export async function readRequest(db: Kysely<Tables>, id: string): Promise<OriginalRequest | undefined> {
  const row = await readOneSealed(db, "original_requests", (all) => all.where("id", "=", id))
  return row && toRequest(row)
}

/** Reads a request and locks it until the transaction ends; `undefined` if there is none with this id. */
export async function lockRequest(trx: Transaction<Tables>, id: string): Promise<OriginalRequest | undefined> {
  const row = await readOneSealed(trx, "original_requests", (all) => all.where("id", "=", id).forUpdate())
  return row && toRequest(row)
}

/** Every waiting request, locked, even if its grant has expired. */
export async function lockWaiting(trx: Transaction<Tables>): Promise<readonly OriginalRequest[]> {
  const rows = await readSealedGood(trx, "original_requests", (all) =>
    all.where("state", "=", "waiting").orderBy("id").forUpdate(),
  )
  return rows.map(toRequest)
}

/** A person's waiting requests for one item, locked. */
export async function lockWaitingOf(
  trx: Transaction<Tables>,
  requestedBy: string,
  itemId: string,
): Promise<readonly OriginalRequest[]> {
  const rows = await readSealedGood(trx, "original_requests", (all) =>
    all
      .where("requested_by", "=", requestedBy)
      .where("item_id", "=", itemId)
      .where("state", "=", "waiting")
      .orderBy("id")
      .forUpdate(),
  )
  return rows.map(toRequest)
}

/**
 * Ends a request and renews its row's MAC. The caller holds the row's lock.
 *
 * @throws {IntegrityError} `row_untrusted`.
 */
export async function decideRequest(
  trx: Transaction<Tables>,
  id: string,
  decided: {
    readonly state: Exclude<OriginalState, "waiting">
    readonly by: string
    readonly at: Date
    readonly signature?: string
  },
): Promise<void> {
  const { state, by, at, signature } = decided
  await updateSealed(trx, "original_requests", (all) => all.where("id", "=", id), {
    state,
    decided_by: by,
    decided_at: at,
    approval_signature: signature ?? null,
  })
}

function toRequest(row: SealedRow<"original_requests">): OriginalRequest {
  return {
    id: row.id,
    caseId: row.case_id,
    itemId: row.item_id,
    state: row.state,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    grant: row.grant_json,
    firstSignature: row.first_signature,
    secondSignature: row.approval_signature ?? undefined,
    decidedBy: row.decided_by ?? undefined,
  }
}
