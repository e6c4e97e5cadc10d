/**
 * Destroying evidence and disclosing it: what the custodian is asked, and the receipts that it signs. A receipt is what
 * the server must hold before a sealed file goes, or anything leaves the organisation.
 * @module
 */
import { z } from "zod"
import { Sha256Hex, Timestamp } from "../screening.ts"
import { DESTRUCTION_GRANT_BASES, GrantedEvidence, OpaqueId, ProvenGrant } from "./grant.ts"

/** Name and version of a receipt of destruction. */
export const DESTRUCTION_RECEIPT_FORMAT = "nightlight-destruction-receipt/1"
/** Name and version of a receipt of disclosure. */
export const DISCLOSURE_RECEIPT_FORMAT = "nightlight-disclosure-receipt/1"

/** What a review cleared: no person proves it, and the custodian measures it by what it filed itself. */
export const ClearingOrder = z.strictObject({
  /** Single use, as a grant's id is: the certificate's. */
  orderId: OpaqueId,
  caseId: OpaqueId,
  basis: z.literal("cleared"),
  evidence: z.array(GrantedEvidence).min(1).max(1000),
})
export type ClearingOrder = z.infer<typeof ClearingOrder>

/** `POST /v1/destructions` body: a grant that two people gave, or an order for what a review cleared. */
export const DestructionBody = z.union([
  z.strictObject({ proven: ProvenGrant }),
  z.strictObject({ cleared: ClearingOrder }),
])
export type DestructionBody = z.infer<typeof DestructionBody>

const signed = {
  /** Id of the key that signs the custodian's journal. */
  keyId: z.string(),
  /** Ed25519 over the canonical JSON of every other member: 128 hexadecimal digits. */
  signature: z.string().regex(/^[0-9a-f]{128}$/),
}

/** `POST /v1/destructions` answer; the same for the same grant, however often it is asked. */
export const DestructionReceipt = z.strictObject({
  format: z.literal(DESTRUCTION_RECEIPT_FORMAT),
  /** Of the grant or the order. */
  orderId: OpaqueId,
  /** SHA-256 of the canonical JSON of the grant or the order. */
  orderSha256: Sha256Hex,
  caseId: OpaqueId,
  basis: z.enum([...DESTRUCTION_GRANT_BASES, "cleared"]),
  /** Who proved it; nobody for what was cleared. */
  people: z.array(OpaqueId).max(2),
  evidence: z.array(
    z.strictObject({
      ...GrantedEvidence.shape,
      /** `removed` by the custodian; `absent`: it was gone; `left`: the custodian cannot write there, the server removes it. */
      file: z.enum(["removed", "absent", "left"]),
    }),
  ),
  /** When the custodian took the order. */
  at: Timestamp,
  ...signed,
})
export type DestructionReceipt = z.infer<typeof DestructionReceipt>

/** `POST /v1/disclosures` answer (body: `ProvenGrant`); the same for the same grant. */
export const DisclosureReceipt = z.strictObject({
  format: z.literal(DISCLOSURE_RECEIPT_FORMAT),
  grantId: OpaqueId,
  grantSha256: Sha256Hex,
  caseId: OpaqueId,
  requestId: OpaqueId,
  kind: z.enum(["custody-record", "content", "records"]),
  handover: z.enum(["shown-to-approver", "outside"]),
  people: z.array(OpaqueId).length(2),
  at: Timestamp,
  ...signed,
})
export type DisclosureReceipt = z.infer<typeof DisclosureReceipt>

/** One sealed file whose destruction stands in the custodian's journal. */
export const DestructionRecord = z.strictObject({
  ...GrantedEvidence.shape,
  orderId: OpaqueId,
  caseId: OpaqueId,
  basis: z.enum([...DESTRUCTION_GRANT_BASES, "cleared"]),
  at: Timestamp,
})
export type DestructionRecord = z.infer<typeof DestructionRecord>

/** `GET /v1/destructions` answer: every one there ever was, for reconciling after a restore. */
export const DestructionRecords = z.strictObject({ destructions: z.array(DestructionRecord) })
