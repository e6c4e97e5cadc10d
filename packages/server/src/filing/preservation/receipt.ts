/**
 * The custodian's receipt for a certificate of destruction: requested until it arrives, stored, and required before
 * anything is deleted.
 * @module
 */
import type { DestructionBody, DestructionReceipt } from "@nightlight/contract/custodian"
import { canonicalJson, RequestError } from "@nightlight/core"
import { sha256 } from "../../casework/cases/state/row-digest.ts"
import { authorityOf } from "../../platform/authority/of-database.ts"
import { type Keeper, requestDestruction } from "../../platform/custodian/receipts.ts"
import { readEvents } from "../../platform/events/read.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import * as store from "./store.ts"

/** Dependencies of {@link receiptOf}. */
export interface ReceiptDeps extends TransactDeps {
  readonly custodian: Keeper
  readonly alarms: Pick<Alarms, "raise">
}

/** Outcome: a receipt, or that it must be requested again later, or that the custodian will never destroy this. */
export type Receipted =
  | { readonly kind: "receipt"; readonly receipt: DestructionReceipt }
  | { readonly kind: "later" }
  | { readonly kind: "refused" }

const ACTOR = "system-destruction"
const RECEIPTED = "evidence.destruction-receipted"

/** Refusals that are temporary. */
const LATER: ReadonlySet<unknown> = new Set(["hourly-cap", "being-filed", "locked", "not-yet-valid"])

/**
 * Reads the receipt of a certificate, or requests it from the custodian. If the custodian refuses for good, the pieces
 * return to their earlier state and an alarm is raised.
 *
 * @throws {DependencyError} if the custodian does not answer.
 */
export async function receiptOf(deps: ReceiptDeps, certificateId: string): Promise<Receipted> {
  const kept = await store.readReceipt(deps.db, certificateId)
  if (kept !== undefined && (await isLogged(deps, certificateId, kept))) return { kind: "receipt", receipt: kept }
  const order = await store.readOrder(deps.db, certificateId)
  if (order === undefined) return { kind: "refused" }
  try {
    const receipt = await requestDestruction(deps.custodian, order)
    await transact(deps, ACTOR, async ({ trx, record }) => {
      if (!(await store.insertReceipt(trx, { certificateId, receipt, receivedAt: deps.clock.now() }))) return
      const { orderSha256, evidence } = receipt
      const data = {
        certificate: certificateId,
        order: orderSha256,
        pieces: evidence.length,
        receipt: digestOf(receipt),
      }
      record({ type: RECEIPTED, subject: receipt.caseId, data })
    })
    return { kind: "receipt", receipt }
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    const { reason } = error.details
    if (LATER.has(reason)) return { kind: "later" }
    await giveUp(deps, certificateId, order, typeof reason === "string" ? reason : error.code)
    return { kind: "refused" }
  }
}

/** Whether the log has this receipt; a row alone, which anybody could have written, does not count. */
async function isLogged({ db }: ReceiptDeps, certificateId: string, kept: DestructionReceipt): Promise<boolean> {
  const said = await readEvents(db, { type: RECEIPTED, subject: kept.caseId })
  const digest = digestOf(kept)
  if (said.some(({ data }) => data["certificate"] === certificateId && data["receipt"] === digest)) return true
  authorityOf(db).distrust({ table: "destruction_receipts", id: certificateId })
  return false
}

/** SHA-256, hexadecimal. */
function digestOf(receipt: DestructionReceipt): string {
  return sha256(canonicalJson(receipt))
}

async function giveUp(deps: ReceiptDeps, certificateId: string, order: DestructionBody, reason: string): Promise<void> {
  const { caseId } = "proven" in order ? order.proven.grant : order.cleared
  await transact(deps, ACTOR, async (tx) => {
    await store.lockRows(tx.trx, caseId)
    const pieces = await store.restore(tx.trx, certificateId, deps.clock.now())
    if (pieces === 0) return
    const data = { certificate: certificateId, reason, pieces }
    tx.record({ type: "evidence.destruction-refused", subject: caseId, data })
    await deps.alarms.raise(tx, { code: "destruction-refused", subject: caseId, data })
  })
}
