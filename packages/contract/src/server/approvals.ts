/**
 * Approvals: one person requests an action, and somebody else approves or declines it.
 * @module
 */
import { z } from "zod"
import { ApprovalProof } from "../custodian/approval.ts"
import { DestroyGrant, DiscloseGrant } from "../custodian/grant.ts"
import { Timestamp } from "../screening.ts"

/** States of an approval; `expired` after 7 days without an answer. */
export const APPROVAL_STATES = ["waiting", "done", "declined", "expired"] as const

/** Why an approval is declined. A code, since the log holds no free text. */
export const DECLINE_REASONS = [
  /** Something in it is not right: another person, another number. */
  "not-right",
  /** It is not needed, or no longer. */
  "not-needed",
  /** Not now: it may be requested again. */
  "not-now",
  /** The requester should talk to the person who declined first. */
  "talk-first",
] as const

/** One approval. */
export const ApprovalView = z.strictObject({
  id: z.string(),
  /** Such as `role.grant`. */
  kind: z.string(),
  /** Id of its subject. */
  subject: z.string(),
  /** Ids, codes and counts, by the kind. */
  payload: z.unknown(),
  state: z.enum(APPROVAL_STATES),
  requestedBy: z.string(),
  requestedAt: Timestamp,
  expiresAt: Timestamp,
  decidedBy: z.string().exactOptional(),
  decidedAt: Timestamp.exactOptional(),
  /** For a declined approval; absent if the requester withdrew it, or no reason was given. */
  declineReason: z.enum(DECLINE_REASONS).exactOptional(),
  /** Whether the caller may approve it, by permission and by independence of the requester. */
  mayApprove: z.boolean(),
  /** Grant for the custodian, signed with the approval by its digest. */
  grant: z.discriminatedUnion("purpose", [DestroyGrant, DiscloseGrant]).exactOptional(),
  /** Which of the two people signed it with their own key. */
  signed: z.strictObject({ requested: z.boolean(), approved: z.boolean() }),
})
export type ApprovalView = z.infer<typeof ApprovalView>

/** `GET /v1/approvals` query. */
export const ApprovalQuery = z.strictObject({ state: z.enum(APPROVAL_STATES).exactOptional() })

/** `GET /v1/approvals` answer: newest first, at most 200. */
export const ApprovalList = z.strictObject({ approvals: z.array(ApprovalView) })

/** `POST /v1/approvals/:approvalId/sign` body. */
export const SignApprovalBody = z.strictObject({ proof: ApprovalProof })

/** `POST /v1/approvals/:approvalId/approve` body. */
export const SecondApprovalBody = z.strictObject({ proof: ApprovalProof.exactOptional() })

/** `POST /v1/approvals/:approvalId/decline` body. */
export const DeclineBody = z.strictObject({ reason: z.enum(DECLINE_REASONS).exactOptional() })

/**
 * `POST /v1/approvals/:approvalId/approve` answer. `result`: what the kind shows once to the approver, such as a link.
 */
export const ApprovedResult = z.strictObject({ approval: ApprovalView, result: z.unknown() })
