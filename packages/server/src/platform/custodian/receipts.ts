/**
 * Receipts of the custodian: accepted only if they carry its signature and are about what was requested.
 * @module
 */
import {
  DESTRUCTION_RECEIPT_FORMAT,
  type DestructionBody,
  type DestructionReceipt,
  DISCLOSURE_RECEIPT_FORMAT,
  type DisclosureReceipt,
  type ProvenGrant,
} from "@nightlight/contract/custodian"
import { DependencyError, type JsonValue } from "@nightlight/core"
import { canonicalDigest, checkDocument } from "@nightlight/durable"
import { toVerifier } from "@nightlight/vault/seal"
import type { CustodianClient } from "./port.ts"

/** The calls that return receipts. */
export type Keeper = Pick<CustodianClient, "state" | "destroy" | "disclose">

/**
 * Requests a destruction, and checks the receipt.
 *
 * @throws {RequestError} the custodian's refusal.
 * @throws {DependencyError} `unavailable`, `timed_out`; `answer_malformed` if the receipt is not the custodian's for
 *   this very order.
 */
export async function requestDestruction(keeper: Keeper, body: DestructionBody): Promise<DestructionReceipt> {
  const receipt = await keeper.destroy(body)
  const order = "proven" in body ? body.proven.grant : body.cleared
  const orderId = "proven" in body ? body.proven.grant.grantId : body.cleared.orderId
  const isOurs = receipt.orderId === orderId && receipt.orderSha256 === canonicalDigest(order)
  if (!isOurs || !(await isSigned(keeper, receipt, DESTRUCTION_RECEIPT_FORMAT))) throw untrusted()
  return receipt
}

/** Requests a disclosure, and checks the receipt. Throws as {@link requestDestruction} does. */
export async function requestDisclosure(keeper: Keeper, proven: ProvenGrant): Promise<DisclosureReceipt> {
  const receipt = await keeper.disclose(proven)
  const { grant } = proven
  const isOurs = receipt.grantId === grant.grantId && receipt.grantSha256 === canonicalDigest(grant)
  if (!isOurs || !(await isSigned(keeper, receipt, DISCLOSURE_RECEIPT_FORMAT))) throw untrusted()
  return receipt
}

async function isSigned(keeper: Keeper, receipt: JsonValue, format: string): Promise<boolean> {
  const { journalKey } = await keeper.state()
  return journalKey !== undefined && checkDocument(receipt, format, toVerifier(journalKey)) !== undefined
}

function untrusted(): DependencyError {
  return new DependencyError("answer_malformed", "the custodian's receipt is not signed by it or is for something else")
}
