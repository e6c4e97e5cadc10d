/**
 * Destruction of evidence by expiry, request or order: an approval and a certificate.
 * @module
 */
import { GRANT_FORMAT } from "@nightlight/contract/custodian"
import { compact, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import { z } from "zod"
import type { Tables } from "../../platform/db/tables.ts"
import { APPROVAL_GRANT_MS, type ApprovalDefinition } from "../../staff/approvals/types.ts"
import type { ClockGuard } from "./clock-guard.ts"
import { type DestroyDeps, orderDestruction, sealedPieces } from "./destroy.ts"
import { isOnHold } from "./logged.ts"
import * as store from "./store.ts"
import type { Preservation } from "./types.ts"

/** Kind of the approval to destroy evidence. */
export const DESTROY_APPROVAL = "evidence.destroy"

/** Why evidence is destroyed that no review cleared. */
export const DestroyPayload = z.strictObject({
  basis: z.enum(["expired", "law-enforcement-request", "order"]),
  /** The recorded request; absent for `expired`. */
  requestId: z.string().max(80).exactOptional(),
})
export type DestroyPayload = z.infer<typeof DestroyPayload>

/** Dependencies of {@link destroyApproval}. */
export interface DestroyApprovalDeps extends DestroyDeps {
  readonly guard: ClockGuard
  /** Whether a recorded request asks for destruction of this case's evidence. */
  readonly asksForDestruction: (db: Kysely<Tables>, requestId: string, caseId: string) => Promise<boolean>
  /** SHA-256 of a request's sealed text, to which the grant is bound. */
  readonly requestDigest: (db: Kysely<Tables>, requestId: string) => Promise<string>
}

/** Maximum number of pieces in one grant. */
const MAX_PIECES = 1000

/** Defines the approval to destroy a case's evidence. Its subject is the case. */
export function destroyApproval(deps: DestroyApprovalDeps): ApprovalDefinition<DestroyPayload> {
  const check = async (
    db: Kysely<Tables>,
    caseId: string,
    payload: DestroyPayload,
  ): Promise<readonly Preservation[]> => {
    const items = await store.preservationsOfCase(db, caseId)
    if (items.length === 0) throw new RequestError("not_found", "no evidence of this case is preserved")
    if (payload.basis === "expired") return expired(deps, db, caseId, items)
    const { requestId } = payload
    if (requestId === undefined || !(await deps.asksForDestruction(db, requestId, caseId))) {
      throw new RequestError("input_invalid", "name the recorded request that asks for this destruction")
    }
    return items.filter(({ state }) => state === "kept" || state === "locked" || state === "clearing")
  }
  return {
    kind: DESTROY_APPROVAL,
    payload: DestroyPayload,
    requestPermission: "evidence:destroy",
    approvePermission: "evidence:destroy",
    assertRequestable: async ({ trx }, { subject, payload }) => void (await check(trx, subject, payload)),
    grantOf: async ({ trx }, { approvalId, subject, payload, requestedBy, requestedAt }) => {
      const items = await check(trx, subject, payload)
      if (items.length === 0)
        throw new RequestError("state_conflict", "no evidence of this case can be destroyed on this basis")
      if (items.length > MAX_PIECES) {
        throw new RequestError("input_invalid", `a destruction names at most ${MAX_PIECES} pieces of evidence`)
      }
      const { basis, requestId } = payload
      const request =
        basis === "expired" || requestId === undefined
          ? undefined
          : { requestId, sealedSha256: await deps.requestDigest(trx, requestId) }
      return compact({
        format: GRANT_FORMAT,
        grantId: approvalId,
        caseId: subject,
        issuedAt: requestedAt.toISOString(),
        expiresAt: new Date(requestedAt.getTime() + APPROVAL_GRANT_MS).toISOString(),
        purpose: "destroy",
        basis,
        request,
        evidence: await sealedPieces(deps, trx, items),
        requestedBy,
      })
    },
    perform: async (tx, payload, { approvalId, subject, requestedBy, approvedBy, proven }) => {
      // A hold or an extension in progress either comes first and is seen here, or comes afterwards.
      await store.lockRows(tx.trx, subject)
      const items = await check(tx.trx, subject, payload)
      const certificateId = await orderDestruction(
        deps,
        tx,
        items,
        compact({
          basis: payload.basis,
          approvalId,
          people: [requestedBy, approvedBy],
          requestId: payload.requestId,
          proven,
        }),
      )
      if (certificateId === undefined)
        throw new RequestError("state_conflict", "no evidence of this case can be destroyed on this basis")
      return { certificateId }
    },
  }
}

/** The evidence whose year and extensions have passed, by a trusted clock, with no hold on the case. */
async function expired(
  { clock, guard }: DestroyApprovalDeps,
  db: Kysely<Tables>,
  caseId: string,
  items: readonly Preservation[],
): Promise<readonly Preservation[]> {
  if (!(await guard.mayEnd()))
    throw new RequestError("state_conflict", "the clock jumped: counsel must confirm it first")
  const now = clock.now()
  if (await isOnHold(db, caseId, now)) throw new RequestError("state_conflict", "this case is on hold")
  const over = items.filter(
    ({ state, lockedUntil }) => state === "locked" && lockedUntil !== undefined && lockedUntil <= now,
  )
  if (over.length === 0) throw new RequestError("state_conflict", "the evidence of this case is still locked")
  return over
}
