/**
 * Destruction and disclosure of evidence: the orders to the custodian, and the receipts that it signs. The server must
 * have the receipt before a sealed file is deleted, or anything leaves the organisation.
 * @module
 */
import { z } from "zod"
import { Sha256Hex, Timestamp } from "../screening.ts"
import { DESTRUCTION_GRANT_BASES, GrantedEvidence, OpaqueId, ProvenGrant } from "./grant.ts"

/** Name and version of a receipt of destruction. */
export const DESTRUCTION_RECEIPT_FORMAT = "nightlight-destruction-receipt/1"
/** Name and version of a receipt of disclosure. */
export const DISCLOSURE_RECEIPT_FORMAT = "nightlight-disclosure-receipt/1"

/**
 * An order for what a review cleared: no person proves it, and the custodian checks it against what it filed itself.
 */
export const ClearingOrder = z.strictObject({
  /** Single use, like a grant's id: the certificate's id. */
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

/** `POST /v1/destructions` answer; always the same for the same grant. */
export const DestructionReceipt = z.strictObject({
  format: z.literal(DESTRUCTION_RECEIPT_FORMAT),
  /** Id of the grant or the order. */
  orderId: OpaqueId,
  /** SHA-256 of the canonical JSON of the grant or the order. */
  orderSha256: Sha256Hex,
  caseId: OpaqueId,
  basis: z.enum([...DESTRUCTION_GRANT_BASES, "cleared"]),
  /** The people who proved it; empty for what a review cleared. */
  people: z.array(OpaqueId).max(2),
  evidence: z.array(
    z.strictObject({
      ...GrantedEvidence.shape,
      /**
       * `removed` by the custodian; `absent`: it was gone; `left`: the custodian cannot write there, so the server
       * deletes it.
       */
      file: z.enum(["removed", "absent", "left"]),
    }),
  ),
  /** When the custodian accepted the order. */
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

/** One sealed file whose destruction is in the custodian's journal. */
export const DestructionRecord = z.strictObject({
  ...GrantedEvidence.shape,
  orderId: OpaqueId,
  caseId: OpaqueId,
  basis: z.enum([...DESTRUCTION_GRANT_BASES, "cleared"]),
  at: Timestamp,
})
export type DestructionRecord = z.infer<typeof DestructionRecord>

/** `GET /v1/destructions` answer: all of them ever, for reconciling after a restore. */
export const DestructionRecords = z.strictObject({ destructions: z.array(DestructionRecord) })
