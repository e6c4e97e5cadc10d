/**
 * Destroys evidence. The record is written first; then the custodian is called, which checks who ordered it and what it
 * filed itself. Only after its signed receipt is the sealed file deleted and the record completed. A crash in between
 * leaves `destroying`, which the next run finishes under the same certificate and receipt.
 * @module
 */

import { randomUUID } from "node:crypto"
import type { DestructionBody, GrantedEvidence, ProvenGrant } from "@nightlight/contract/custodian"
import { canonicalJson, compact, DAY_MS, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { z } from "zod"
import { sha256 } from "../../casework/cases/state/row-digest.ts"
import { absentIfUntrusted } from "../../platform/authority/sealed-rows.ts"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { DestructionBasis, PreservationState } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type EventTransaction, transact } from "../../platform/events/transact.ts"
import type { SealedEvidence } from "../../platform/evidence-store/sealed-evidence.ts"
import { findPiecesWithoutLoggedLock, isOnHold, isOrdered } from "./logged.ts"
import { type ReceiptDeps, receiptOf } from "./receipt.ts"
import * as store from "./store.ts"
import type { Preservation } from "./types.ts"

/** Dependencies of destruction. */
export interface DestroyDeps extends ReceiptDeps {
  /** Verified sealed files of pieces of evidence, which the custodian compares before it acts. */
  readonly sealedOf: (db: Kysely<Tables>, evidenceIds: readonly string[]) => Promise<readonly SealedPiece[]>
  readonly evidence: Pick<SealedEvidence, "remove">
  readonly contextKeys: ContextKeys
  /** Days after which the oldest backup that may hold the sealed file is gone; the certificate states it. */
  readonly backupDays: number
}

/** A piece of evidence and its sealed file's SHA-256. */
export type SealedPiece = z.infer<typeof GrantedEvidence>

/** Who decided a destruction, and why. */
export interface DestructionOrder {
  readonly basis: DestructionBasis
  /** The approval; absent for what a review cleared. */
  readonly approvalId?: string
  readonly people: readonly string[]
  readonly requestId?: string
  /** The grant with both people's signatures; absent for what a review cleared. */
  readonly proven?: ProvenGrant | undefined
}

const ACTOR = "system-destruction"

/** States that each basis may end. The year's lock ends only by request or order, or when it has passed. */
const FROM: Readonly<Record<DestructionBasis, readonly PreservationState[]>> = {
  cleared: ["clearing"],
  expired: ["locked"],
  "law-enforcement-request": ["kept", "locked", "clearing"],
  order: ["kept", "locked", "clearing"],
}

/**
 * Orders the destruction of pieces of evidence of one case and certifies it, in the caller's transaction. {@link
 * destroyOrdered} deletes the files later.
 *
 * @returns The certificate's id; `undefined` if none of them could be ordered.
 */
export async function orderDestruction(
  deps: DestroyDeps,
  { trx, record }: EventTransaction,
  items: readonly Preservation[],
  order: DestructionOrder,
): Promise<string | undefined> {
  const certificateId = `certificate-${randomUUID()}`
  const now = deps.clock.now()
  const ordered: Preservation[] = []
  if (order.basis === "cleared") {
    const [item] = items
    if (item === undefined || (await isHeld(trx, item.caseId, now))) return undefined
  }
  // Only a request or an order ends the year's lock early, whatever the rows say.
  const isFree = order.basis === "cleared" || order.basis === "expired"
  for (const item of isFree ? await findPiecesWithoutLoggedLock(trx, items, now) : items) {
    const moved = await store.moveTo(trx, item.evidenceId, FROM[order.basis], {
      state: "destroying",
      certificate_id: certificateId,
      changed_at: now,
    })
    if (moved) ordered.push(item)
  }
  const [first] = ordered
  if (first === undefined) return undefined
  const document = certificateOf(deps, certificateId, ordered, order)
  await store.insertCertificate(trx, {
    certificateId,
    caseId: first.caseId,
    basis: order.basis,
    approvalId: order.approvalId,
    issuedAt: now,
    document,
    order: await askedOf(deps, trx, { certificateId, ordered, order }),
  })
  for (const { evidenceId, caseId } of ordered) {
    record({
      type: "evidence.destruction-ordered",
      subject: evidenceId,
      data: {
        case: caseId,
        certificate: certificateId,
        basis: order.basis,
        approval: order.approvalId,
        request: order.requestId,
        document: sha256(document),
      },
    })
  }
  return certificateId
}

/**
 * The custodian's order: the grant that two people signed over exactly these pieces, or the pieces that a review
 * cleared.
 */
async function askedOf(
  deps: DestroyDeps,
  trx: EventTransaction["trx"],
  {
    certificateId,
    ordered,
    order,
  }: { readonly certificateId: string; readonly ordered: readonly Preservation[]; readonly order: DestructionOrder },
): Promise<DestructionBody> {
  const evidence = await sealedPieces(deps, trx, ordered)
  const caseId = ordered[0]?.caseId ?? ""
  if (order.basis === "cleared") return { cleared: { orderId: certificateId, caseId, basis: order.basis, evidence } }
  const { proven } = order
  if (proven?.grant.purpose !== "destroy" || canonicalJson(proven.grant.evidence) !== canonicalJson(evidence)) {
    throw new RequestError("state_conflict", "the evidence of this case changed since the request: request it again")
  }
  return { proven }
}

/** The sealed files of pieces, in their order. @throws {RequestError} `state_conflict` if one is not known. */
export async function sealedPieces(
  { sealedOf }: Pick<DestroyDeps, "sealedOf">,
  db: Kysely<Tables>,
  items: readonly Preservation[],
): Promise<SealedPiece[]> {
  const known = new Map(
    (
      await sealedOf(
        db,
        items.map(({ evidenceId }) => evidenceId),
      )
    ).map((piece) => [piece.evidenceId, piece]),
  )
  return items.map(({ evidenceId }) => {
    const piece = known.get(evidenceId)
    if (piece === undefined) {
      throw new RequestError("state_conflict", "the sealed file of this evidence is not known", {
        details: { evidenceId },
      })
    }
    return { evidenceId, ciphertextSha256: piece.ciphertextSha256 }
  })
}

/** Whether a case is on hold, read after anybody who is placing one. */
async function isHeld(trx: EventTransaction["trx"], caseId: string, now: Date): Promise<boolean> {
  await store.lockRows(trx, caseId)
  return isOnHold(trx, caseId, now)
}

/** Deletes the sealed files of evidence whose destruction was ordered. Returns how many were deleted. */
export async function destroyOrdered(
  deps: DestroyDeps,
  items: readonly Preservation[],
  signal: AbortSignal,
): Promise<number> {
  let destroyed = 0
  for (const { evidenceId, caseId } of items) {
    if (signal.aborted) break
    // A piece that a report has locked since was never ordered.
    const item = await absentIfUntrusted(store.findPreservation(deps.db, evidenceId))
    if (item?.state !== "destroying" || !(await isOrdered(deps.db, item))) continue
    if (item.certificateId === undefined) continue
    const receipted = await receiptOf(deps, item.certificateId)
    if (receipted.kind !== "receipt") continue
    // A receipt for other pieces leaves this one in place.
    if (!receipted.receipt.evidence.some((piece) => piece.evidenceId === evidenceId)) continue
    await deps.evidence.remove(evidenceId)
    await transact(deps, ACTOR, async ({ trx, record }) => {
      const now = deps.clock.now()
      // If two jobs end the last pieces at once, the second sees what the first did.
      await store.lockRows(trx, caseId)
      const moved = await store.moveTo(trx, evidenceId, ["destroying"], {
        state: "destroyed",
        destroyed_at: now,
        changed_at: now,
      })
      if (!moved) return
      record({ type: "evidence.destroyed", subject: evidenceId, data: { case: caseId } })
      // When the last of a case's evidence is destroyed, its context is destroyed too.
      const left = (await store.preservationsOfCase(trx, caseId)).filter(({ state }) => state !== "destroyed")
      if (left.length > 0) return
      await deps.contextKeys.destroy(trx, caseId)
      record({ type: "case.context-destroyed", subject: caseId })
    })
    destroyed++
  }
  return destroyed
}

function certificateOf(
  { clock, backupDays }: DestroyDeps,
  certificateId: string,
  items: readonly Preservation[],
  { basis, approvalId, people, requestId }: DestructionOrder,
): string {
  const now = clock.now()
  return canonicalJson(
    compact({
      format: "nightlight-destruction/1",
      certificateId,
      basis,
      approvalId,
      requestId,
      decidedBy: [...people],
      orderedAt: now.toISOString(),
      evidence: items.map(({ evidenceId, caseId, reportId, lockedUntil }) =>
        compact({
          evidenceId,
          caseId,
          reportId,
          lockedUntil: lockedUntil?.toISOString(),
        }),
      ),
      remaining: [
        "Copies that were filed with the CyberTipline are not ours to destroy.",
        "Disk blocks and snapshots may hold the sealed file until they are written over.",
        `Backups made before hold the sealed file until they age out, by ${new Date(now.getTime() + backupDays * DAY_MS).toISOString()}.`,
      ],
    }),
  )
}
