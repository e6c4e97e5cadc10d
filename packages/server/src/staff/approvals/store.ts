/**
 * SQL of approvals.
 * @module
 */
import { canonicalJson, compact, type JsonValue } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonId } from "../../platform/auth/actor.ts"
import { authorityOf } from "../../platform/authority/of-database.ts"
import {
  insertSealed,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"
import type { StoredProof } from "./signing.ts"
import type { Approval, ApprovalGrant, ApprovalState, DeclineReason } from "./types.ts"

const LIST_LIMIT = 200

/** Inserts an approval with its MAC, undecided and without signatures, whatever `approval` says of them. */
export async function insertApproval(db: Kysely<Tables>, approval: Approval): Promise<void> {
  await insertSealed(db, "approvals", {
    id: approval.id,
    kind: approval.kind,
    subject: approval.subject,
    payload: canonicalJson(approval.payload),
    state: approval.state,
    requested_by: approval.requestedBy,
    requested_at: approval.requestedAt,
    expires_at: approval.expiresAt,
    decided_by: null,
    decided_at: null,
    decline_reason: null,
    grant_json: approval.grant === undefined ? null : canonicalJson(approval.grant),
    request_proof: null,
    approval_proof: null,
  })
}

/** Stores the signature of the requester, the approver, or both. */
export async function signApproval(
  db: Kysely<Tables>,
  id: string,
  proofs: { readonly request?: StoredProof; readonly approval?: StoredProof },
): Promise<void> {
  const { request, approval } = proofs
  await updateSealed(
    db,
    "approvals",
    (all) => all.where("id", "=", id),
    compact({
      request_proof: request === undefined ? undefined : canonicalJson(request),
      approval_proof: approval === undefined ? undefined : canonicalJson(approval),
    }),
  )
}

/**
 * Reads an approval. With `lock`, others who decide it wait until this transaction ends, and then see its new state.
 *
 * @throws {IntegrityError} `row_untrusted` if the row was altered, or says that it waits while the log says that it was
 *   decided.
 */
export async function findApproval(db: Kysely<Tables>, id: string, lock = false): Promise<Approval | undefined> {
  const row = await readOneSealed(db, "approvals", (all) => {
    const one = all.where("id", "=", id)
    return lock ? one.forUpdate() : one
  })
  if (row === undefined) return undefined
  if (lock && row.state === "waiting" && (await readPowerEvents(db, id)).length > 0) {
    throw authorityOf(db).distrust({ table: "approvals", id })
  }
  return toApproval(row)
}

/** Reads approvals, newest first, at most 200. */
export async function listApprovals(
  db: Kysely<Tables>,
  state: ApprovalState | undefined,
): Promise<readonly Approval[]> {
  const rows = await readSealedGood(db, "approvals", (all) => {
    const newest = all.orderBy("requested_at", "desc").orderBy("id").limit(LIST_LIMIT)
    return state === undefined ? newest : newest.where("state", "=", state)
  })
  return rows.map(toApproval)
}

/** Reads every approval that was done, in the order of its id. */
export async function listDecided(db: Kysely<Tables>): Promise<readonly Approval[]> {
  return (await db.selectFrom("approvals").selectAll().where("state", "=", "done").orderBy("id").execute()).map(
    toApproval,
  )
}

/** Which approvals have expired: those that end by `endedBy`, or later than an approval requested now could end. */
export interface ExpiryTimes {
  readonly endedBy: Date
  readonly endsAfter: Date
}

/** Locks and reads expired approvals, oldest first; skips those that somebody is deciding right now. */
export async function lockExpired(
  db: Kysely<Tables>,
  { endedBy, endsAfter }: ExpiryTimes,
): Promise<readonly Approval[]> {
  const rows = await readSealedGood(db, "approvals", (all) =>
    all
      .where("state", "=", "waiting")
      .where((eb) => eb.or([eb("expires_at", "<=", endedBy), eb("expires_at", ">", endsAfter)]))
      .orderBy("expires_at")
      .limit(LIST_LIMIT)
      .forUpdate()
      .skipLocked(),
  )
  return rows.map(toApproval)
}

/** Reads every waiting approval, in order of ids, and locks them until the transaction ends. */
export async function lockWaiting(db: Kysely<Tables>): Promise<readonly Approval[]> {
  const rows = await readSealedGood(db, "approvals", (all) =>
    all.where("state", "=", "waiting").orderBy("id").forUpdate(),
  )
  return rows.map(toApproval)
}

/**
 * Writes state, person, time and, of a declined one, the reason; renews the row's MAC.
 *
 * @throws {IntegrityError} `row_untrusted`.
 */
export async function decideApproval(
  db: Kysely<Tables>,
  id: string,
  decided: {
    readonly state: ApprovalState
    readonly by: string
    readonly at: Date
    readonly reason: DeclineReason | undefined
  },
): Promise<void> {
  await updateSealed(db, "approvals", (all) => all.where("id", "=", id), {
    state: decided.state,
    decided_by: decided.by,
    decided_at: decided.at,
    decline_reason: decided.reason ?? null,
  })
}

function toApproval(row: SealedRow<"approvals">): Approval {
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    payload: row.payload as JsonValue,
    state: row.state as ApprovalState,
    requestedBy: row.requested_by as PersonId,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    decidedBy: row.decided_by ?? undefined,
    decidedAt: row.decided_at ?? undefined,
    declineReason: (row.decline_reason ?? undefined) as DeclineReason | undefined,
    grant: (row.grant_json ?? undefined) as ApprovalGrant | undefined,
    requestProof: (row.request_proof ?? undefined) as StoredProof | undefined,
    approvalProof: (row.approval_proof ?? undefined) as StoredProof | undefined,
  }
}
