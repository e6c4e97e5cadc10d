import type { DestroyGrant, DiscloseGrant, ProvenGrant } from "@nightlight/contract/custodian"
import type { DECLINE_REASONS } from "@nightlight/contract/server"
import type { JsonValue } from "@nightlight/core"
import { DAY_MS } from "@nightlight/core"
import type { z } from "zod"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { Permission } from "../../platform/auth/permissions.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import type { StoredProof } from "./signing.ts"

/** How far an approval has come. */
export type ApprovalState = "waiting" | "done" | "declined" | "expired"

/** Why an approval was declined. */
export type DeclineReason = (typeof DECLINE_REASONS)[number]

/** An action that two people approve. */
export interface Approval {
  /** `act-<uuid>`. */
  readonly id: string
  readonly kind: string
  /** Id of what it is about. */
  readonly subject: string
  readonly payload: JsonValue
  readonly state: ApprovalState
  readonly requestedBy: PersonId
  readonly requestedAt: Date
  readonly expiresAt: Date
  /** Who approved or declined it, or the system that let it run out. */
  readonly decidedBy: string | undefined
  readonly decidedAt: Date | undefined
  readonly declineReason: DeclineReason | undefined
  /** What it allows the custodian to do, where the custodian does it. */
  readonly grant: ApprovalGrant | undefined
  /** Signature of whoever asked. */
  readonly requestProof: StoredProof | undefined
  /** Signature of whoever approved. */
  readonly approvalProof: StoredProof | undefined
}

/** A grant that two people give by an approval; its id is the approval's. */
export type ApprovalGrant = DestroyGrant | DiscloseGrant

/** Longest validity of such a grant, milliseconds: the custodian takes no longer one. */
export const APPROVAL_GRANT_MS = 14 * DAY_MS

/** Who did an approval, and about what. */
export interface ApprovalBy {
  readonly approvalId: string
  readonly subject: string
  readonly requestedBy: PersonId
  readonly approvedBy: PersonId
  /** Of a kind with a grant: the grant with the signatures of both. */
  readonly proven?: ProvenGrant | undefined
}

/** What a grant is written from. */
export interface GrantDraft<Payload> {
  readonly approvalId: string
  readonly subject: string
  readonly payload: Payload
  readonly requestedBy: PersonId
  readonly requestedAt: Date
}

/** One kind of approval. */
export interface ApprovalDefinition<Payload> {
  /** Such as `role.grant`: `<noun>.<verb>`. */
  readonly kind: string
  /** Ids, codes and counts alone: the payload stands in the log. What people wrote is sealed elsewhere, and named. */
  readonly payload: z.ZodType<Payload>
  /** What whoever asks must hold, then and still when it is approved. */
  readonly requestPermission: Permission
  /** What the second must hold. */
  readonly approvePermission: Permission
  /** Whether this very person may approve it, where the payload names who may; unless given, whoever holds the permission. */
  readonly isApprover?: (payload: Payload, person: PersonId) => boolean
  /** Refuses what can never be done, while it is being asked. */
  readonly assertRequestable?: (
    tx: EventTransaction,
    ask: { readonly requestedBy: PersonId; readonly subject: string; readonly payload: Payload },
  ) => Promise<void>
  /** Writes the grant that both people sign, where the custodian does the approval or must allow it. */
  readonly grantOf?: (tx: EventTransaction, draft: GrantDraft<Payload>) => Promise<ApprovalGrant>
  /**
   * Does it, in the transaction that approves it. What it throws leaves the approval waiting.
   *
   * @returns What is answered once to the second, and never stored: a link, say.
   */
  readonly perform: (tx: EventTransaction, payload: Payload, by: ApprovalBy) => Promise<JsonValue | undefined>
}
