/**
 * Approvals: what a person signs when they request an approval, and what the other one signs when they approve it. Both
 * sign the approval itself (its id, kind, subject and the digest of its payload), so that nobody who writes to a
 * database can invent one.
 * @module
 */
import { compact } from "@nightlight/core"
import { z } from "zod"
import { Sha256Hex, Timestamp } from "../screening.ts"
import { GrantProof, OpaqueId } from "./grant.ts"

/** Name and version of an approval's form. */
export const APPROVAL_FORMAT = "nightlight-approval/1"

/** Which of the two people signs. */
export const ApprovalStep = z.enum(["request", "approve"])
export type ApprovalStep = z.infer<typeof ApprovalStep>

/** The signed document: ECDSA P-256 with SHA-256 over its canonical JSON. */
export const ApprovalStatement = z.strictObject({
  format: z.literal(APPROVAL_FORMAT),
  approvalId: OpaqueId,
  /** Such as `role.grant`. */
  kind: z.string().min(1).max(80),
  /** Id of the approval's subject. */
  subject: z.string().min(1).max(80),
  /** SHA-256 of the canonical JSON of the approval's payload. */
  payloadSha256: Sha256Hex,
  /** SHA-256 of the canonical JSON of the grant that the approval gives to the custodian; absent without one. */
  grantSha256: Sha256Hex.exactOptional(),
  step: ApprovalStep,
  person: OpaqueId,
  at: Timestamp,
})
export type ApprovalStatement = z.infer<typeof ApprovalStatement>

/** One person's signature under an approval; the statement is derived from the approval itself. */
export const ApprovalProof = z.strictObject({
  /** When the person signed, by their own clock. */
  at: Timestamp,
  proof: GrantProof,
})
export type ApprovalProof = z.infer<typeof ApprovalProof>

/** The approval that a statement is about. */
export interface ApprovalTerms {
  readonly approvalId: string
  readonly kind: string
  readonly subject: string
  readonly payloadSha256: string
  readonly grantSha256?: string | undefined
}

/** Writes the statement that a person signs. */
export function approvalStatement(
  { approvalId, kind, subject, payloadSha256, grantSha256 }: ApprovalTerms,
  { step, person, at }: { readonly step: ApprovalStep; readonly person: string; readonly at: string },
): ApprovalStatement {
  return compact({
    format: APPROVAL_FORMAT,
    approvalId,
    kind,
    subject,
    payloadSha256,
    grantSha256,
    step,
    person,
    at,
  })
}
