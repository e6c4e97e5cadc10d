import type { DestroyGrant, DiscloseGrant, ProvenGrant } from "@nightlight/contract/custodian"
import type { DECLINE_REASONS } from "@nightlight/contract/server"
import type { JsonValue } from "@nightlight/core"
import { DAY_MS } from "@nightlight/core"
import type { z } from "zod"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { Permission } from "../../platform/auth/permissions.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import type { StoredProof } from "./signing.ts"

/** State of an approval. */
export type ApprovalState = "waiting" | "done" | "declined" | "expired"

/** One of {@link DECLINE_REASONS}. */
export type DeclineReason = (typeof DECLINE_REASONS)[number]

/** An action that two people approve. */
export interface Approval {
  /** `approval-<uuid>`. */
  readonly id: string
  readonly kind: string
  /** Id of the record that it concerns. */
  readonly subject: string
  readonly payload: JsonValue
  readonly state: ApprovalState
  readonly requestedBy: PersonId
  readonly requestedAt: Date
  readonly expiresAt: Date
  /** Who approved or declined it, or the system actor that expired it. */
  readonly decidedBy: string | undefined
  readonly decidedAt: Date | undefined
  readonly declineReason: DeclineReason | undefined
  /** The grant for the custodian, for kinds that the custodian performs. */
  readonly grant: ApprovalGrant | undefined
  /** Signature of the requester. */
  readonly requestProof: StoredProof | undefined
  /** Signature of the approver. */
  readonly approvalProof: StoredProof | undefined
}

/** A grant that two people give by an approval; its id is the approval's. */
export type ApprovalGrant = DestroyGrant | DiscloseGrant

/** Longest validity of such a grant, milliseconds: the custodian refuses a longer one. */
export const APPROVAL_GRANT_MS = 14 * DAY_MS

/** Who requested and approved it, and what it concerns. */
export interface ApprovalBy {
  readonly approvalId: string
  readonly subject: string
  readonly requestedBy: PersonId
  readonly approvedBy: PersonId
  /** For a kind with a grant: the grant with both signatures. */
  readonly proven?: ProvenGrant | undefined
}

/** Facts about an approval from which its grant is made. */
export interface GrantDraft<Payload> {
  readonly approvalId: string
  readonly subject: string
  readonly payload: Payload
  readonly requestedBy: PersonId
  readonly requestedAt: Date
}

/** Definition of a kind of approval. */
export interface ApprovalDefinition<Payload> {
  /** Such as `role.grant`: `<noun>.<verb>`. */
  readonly kind: string
  /**
   * Ids, codes and counts alone, since the log holds the payload. What people wrote is sealed elsewhere and referred to
   * by id.
   */
  readonly payload: z.ZodType<Payload>
  /** Permission of the requester, when it is requested and still when it is approved. */
  readonly requestPermission: Permission
  /** Permission of the approver. */
  readonly approvePermission: Permission
  /**
   * Whether this person may approve it, where the payload names who may. Without it, everybody with the permission may.
   */
  readonly isApprover?: (payload: Payload, person: PersonId) => boolean
  /** Refuses at the request what could never be performed. */
  readonly assertRequestable?: (
    tx: EventTransaction,
    request: { readonly requestedBy: PersonId; readonly subject: string; readonly payload: Payload },
  ) => Promise<void>
  /** Writes the grant that both people sign, for kinds that the custodian performs or must allow. */
  readonly grantOf?: (tx: EventTransaction, draft: GrantDraft<Payload>) => Promise<ApprovalGrant>
  /**
   * Performs the action, in the transaction of the approval. If it throws, the approval stays waiting.
   *
   * @returns What is shown once to the approver and never stored, such as a link.
   */
  readonly perform: (tx: EventTransaction, payload: Payload, by: ApprovalBy) => Promise<JsonValue | undefined>
}
