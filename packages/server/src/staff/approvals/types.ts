import type { DestroyGrant, DiscloseGrant, ProvenGrant } from "@nightlight/contract/custodian"
import type { DECLINE_REASONS } from "@nightlight/contract/server"
import type { JsonValue } from "@nightlight/core"
import { DAY_MS } from "@nightlight/core"
import type { z } from "zod"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { Permission } from "../../platform/auth/permissions.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import type { StoredProof } from "./signing.ts"

/** How far an act has come. */
export type ActState = "waiting" | "done" | "declined" | "expired"

/** Why an act was declined. */
export type DeclineReason = (typeof DECLINE_REASONS)[number]

/** An act that takes two people. */
export interface Act {
  /** `act-<uuid>`. */
  readonly id: string
  readonly kind: string
  /** Id of what it is about. */
  readonly subject: string
  readonly payload: JsonValue
  readonly state: ActState
  readonly askedBy: PersonId
  readonly askedAt: Date
  readonly expiresAt: Date
  /** Who seconded or declined it, or the system that let it run out. */
  readonly decidedBy: string | undefined
  readonly decidedAt: Date | undefined
  readonly declineReason: DeclineReason | undefined
  /** What it allows the custodian to do, where the custodian does it. */
  readonly grant: ActGrant | undefined
  /** Signature of whoever asked. */
  readonly askProof: StoredProof | undefined
  /** Signature of whoever seconded. */
  readonly secondProof: StoredProof | undefined
}

/** A grant that two people give by an act; its id is the act's. */
export type ActGrant = DestroyGrant | DiscloseGrant

/** Longest validity of such a grant, milliseconds: the custodian takes no longer one. */
export const ACT_GRANT_MS = 14 * DAY_MS

/** Who did an act, and about what. */
export interface ActBy {
  readonly actId: string
  readonly subject: string
  readonly askedBy: PersonId
  readonly secondedBy: PersonId
  /** Of a kind with a grant: the grant with the signatures of both. */
  readonly proven?: ProvenGrant | undefined
}

/** What a grant is written from. */
export interface GrantDraft<Payload> {
  readonly actId: string
  readonly subject: string
  readonly payload: Payload
  readonly askedBy: PersonId
  readonly askedAt: Date
}

/** One kind of act. */
export interface ActDefinition<Payload> {
  /** Such as `role.grant`: `<noun>.<verb>`. */
  readonly kind: string
  /** Ids, codes and counts alone: the payload stands in the log. What people wrote is sealed elsewhere, and named. */
  readonly payload: z.ZodType<Payload>
  /** What whoever asks must hold, then and still when it is seconded. */
  readonly askPermission: Permission
  /** What the second must hold. */
  readonly secondPermission: Permission
  /** Whether this very person may second it, where the payload names who may; unless given, whoever holds the permission. */
  readonly isSecond?: (payload: Payload, person: PersonId) => boolean
  /** Refuses what can never be done, while it is being asked. */
  readonly assertAskable?: (
    tx: EventTransaction,
    ask: { readonly askedBy: PersonId; readonly subject: string; readonly payload: Payload },
  ) => Promise<void>
  /** Writes the grant that both people sign, where the custodian does the act or must allow it. */
  readonly grantOf?: (tx: EventTransaction, draft: GrantDraft<Payload>) => Promise<ActGrant>
  /**
   * Does it, in the transaction that seconds it. What it throws leaves the act waiting.
   *
   * @returns What is answered once to the second, and never stored: a link, say.
   */
  readonly perform: (tx: EventTransaction, payload: Payload, by: ActBy) => Promise<JsonValue | undefined>
}
