/**
 * Approvals: one person requests an action, a second, independent person approves it, and the transaction of the
 * approval performs it.
 * @module
 */

import { randomUUID } from "node:crypto"
import type { ApprovalProof } from "@nightlight/contract/custodian"
import { compact, DAY_MS, type JsonValue, RequestError } from "@nightlight/core"
import { canonicalDigest } from "@nightlight/durable"
import type { AuditData } from "@nightlight/vault/audit"
import type { PersonActor, PersonId } from "../../platform/auth/actor.ts"
import { can, type Permission } from "../../platform/auth/permissions.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { People } from "../people/service.ts"
import { pinKey } from "./pin-key.ts"
import { type ApprovalSigning, type StoredProof, toProvenGrant } from "./signing.ts"
import * as store from "./store.ts"
import type { Approval, ApprovalDefinition, ApprovalState, DeclineReason } from "./types.ts"

/** How long an approval waits before it expires. */
export const APPROVAL_DAYS = 7

/**
 * How far the clocks of several servers may differ. An approval that expires later than this allows was written by a
 * server whose clock runs ahead.
 */
const SKEW_MS = 300_000
const SYSTEM = "system-approvals"

/** An approval, and whether the reader may be its approver. */
export interface ListedApproval {
  readonly approval: Approval
  readonly mayApprove: boolean
}

/** Requests, approvals and their outcome. */
export interface Approvals {
  /** Registers a kind of approval. Each feature does so once, before the first call. */
  register<Payload>(definition: ApprovalDefinition<Payload>): void
  /**
   * Requests an approval, in the caller's transaction.
   *
   * @throws {RequestError} `forbidden` if the actor lacks the kind's permission, `input_invalid` if the payload does
   *   not fit the kind or holds more than ids, codes and counts, `state_conflict` if the same approval is waiting
   *   already.
   */
  request(
    tx: EventTransaction,
    actor: PersonActor,
    kind: string,
    subject: string,
    payload: JsonValue,
  ): Promise<Approval>
  /**
   * Signs an approval as its requester, which must come before it is approved. A later signature replaces an earlier
   * one.
   *
   * @throws {RequestError} `not_found`; `state_conflict` if it is no longer waiting; `forbidden` to others;
   *   `input_invalid` if the signature is not the requester's over this approval.
   */
  sign(actor: PersonActor, approvalId: string, proof: ApprovalProof): Promise<Approval>
  /** Reads one approval. @throws {RequestError} `not_found`. */
  get(actor: PersonActor, approvalId: string): Promise<ListedApproval>
  /**
   * Approves a request and performs it. If two people approve at once, one of them gets `state_conflict`.
   *
   * @param proof - The approver's signature over the approval; omitted where no signature is required.
   * @returns The approval, and what its kind shows once.
   * @throws {RequestError} `not_found`; `state_conflict` if it is no longer waiting, or the requester has since lost
   *   the permission to request it; `forbidden` without the kind's permission; `second_person_required` if the two
   *   people are not independent.
   */
  approve(
    actor: PersonActor,
    approvalId: string,
    proof?: ApprovalProof,
  ): Promise<{ readonly approval: Approval; readonly result: JsonValue }>
  /**
   * Declines an approval, as somebody who may approve it or as its requester. Throws as {@link approve} does.
   *
   * @param reason - A code of the contract, shown to the requester.
   */
  decline(actor: PersonActor, approvalId: string, reason?: DeclineReason): Promise<Approval>
  /** Approvals that the reader requested or holds a permission of, newest first; an auditor reads all. */
  list(actor: PersonActor, state: ApprovalState | undefined): Promise<readonly ListedApproval[]>
  /** Whether {@link list} may show this approval to the reader. */
  mayRead(actor: PersonActor, approvalId: string): Promise<boolean>
  /** Expires approvals that waited too long. Returns how many. */
  expire(): Promise<number>
}

/** Starts without any kind: each feature registers its own before the first call. */
export function createApprovals({
  people,
  signing,
  ...deps
}: TransactDeps & { readonly people: People; readonly signing: ApprovalSigning }): Approvals {
  const { db, clock } = deps
  const definitions = new Map<string, ApprovalDefinition<unknown>>()

  const definitionOf = (kind: string): ApprovalDefinition<unknown> => {
    const definition = definitions.get(kind)
    if (definition === undefined) throw new RequestError("input_invalid", "there is no such kind of approval")
    return definition
  }
  const expiryTimes = (): store.ExpiryTimes => {
    const endedBy = clock.now()
    return { endedBy, endsAfter: new Date(endedBy.getTime() + APPROVAL_DAYS * DAY_MS + SKEW_MS) }
  }
  const waits = ({ state, expiresAt }: Approval): boolean => {
    const { endedBy, endsAfter } = expiryTimes()
    return state === "waiting" && expiresAt > endedBy && expiresAt <= endsAfter
  }
  const waiting = async ({ trx }: EventTransaction, approvalId: string): Promise<Approval> => {
    const approval = await store.findApproval(trx, approvalId, true)
    if (approval === undefined)
      throw new RequestError("not_found", "there is no such approval", { details: { approvalId } })
    if (!waits(approval)) {
      throw new RequestError("state_conflict", "this approval is no longer waiting", { details: { approvalId } })
    }
    return approval
  }
  const closeApproval = async (
    { trx, record }: EventTransaction,
    approval: Approval,
    {
      state,
      by,
      reason,
      signed,
    }: {
      readonly state: ApprovalState
      readonly by: string
      readonly reason?: DeclineReason | undefined
      /** Data about the signatures, for the event. */
      readonly signed?: SignedData
    },
  ): Promise<Approval> => {
    const decidedAt = clock.now()
    await store.decideApproval(trx, approval.id, { state, by, at: decidedAt, reason })
    const data = { kind: approval.kind, about: approval.subject, requestedBy: approval.requestedBy }
    record({
      type: EVENT[state],
      subject: approval.id,
      data: { ...data, ...compact({ reason }), ...signed },
    })
    return { ...approval, state, decidedBy: by, decidedAt, declineReason: reason }
  }
  /** Reads a person's permissions in this transaction, so that a role that was just removed does not count. */
  const holdsNow = async ({ trx }: EventTransaction, id: PersonId, permission: Permission): Promise<boolean> => {
    const access = await people.access(id, trx)
    if (access === undefined) return false
    const actor = compact({
      kind: "person",
      id,
      roles: access.roles,
      session: "",
      trainingLapsed: access.trained ? undefined : true,
    })
    return can({ ...actor, steppedUpUntil: undefined }, permission)
  }
  const concerns = (actor: PersonActor, approval: Approval): boolean => {
    const definition = definitions.get(approval.kind)
    return (
      approval.requestedBy === actor.id ||
      actor.roles.has("auditor") ||
      (definition !== undefined &&
        (can(actor, definition.requestPermission) || can(actor, definition.approvePermission)))
    )
  }

  return {
    register: (definition) =>
      void definitions.set(definition.kind, definition as unknown as ApprovalDefinition<unknown>),
    request: async (tx, actor, kind, subject, payload) => {
      const definition = definitionOf(kind)
      if (!can(actor, definition.requestPermission)) {
        throw new RequestError("forbidden", "requesting this needs a permission that you do not hold", {
          details: { permission: definition.requestPermission },
        })
      }
      const parsed = definition.payload.safeParse(payload)
      if (!parsed.success)
        throw new RequestError("input_invalid", "the payload does not fit this kind of approval", { details: { kind } })
      await definition.assertRequestable?.(tx, { requestedBy: actor.id, subject, payload: parsed.data })
      await signing.assertCanSign(actor.id, definition.grantOf !== undefined)
      const requestedAt = clock.now()
      const id = `approval-${randomUUID()}`
      const draft = { approvalId: id, subject, payload: parsed.data, requestedBy: actor.id, requestedAt }
      const grant = await definition.grantOf?.(tx, draft)
      const approval: Approval = {
        id,
        kind,
        subject,
        payload,
        state: "waiting",
        requestedBy: actor.id,
        requestedAt,
        expiresAt: new Date(requestedAt.getTime() + APPROVAL_DAYS * DAY_MS),
        decidedBy: undefined,
        decidedAt: undefined,
        declineReason: undefined,
        grant,
        requestProof: undefined,
        approvalProof: undefined,
      }
      await store.insertApproval(tx.trx, approval)
      const grantSha256 = grant === undefined ? undefined : canonicalDigest(grant)
      const data = { kind, about: subject, payload, grantSha256 } satisfies AuditData
      tx.record({ type: "approval.requested", subject: approval.id, data })
      return approval
    },
    sign: (actor, approvalId, proof) =>
      transact(deps, actor.id, async (tx) => {
        const approval = await waiting(tx, approvalId)
        if (approval.requestedBy !== actor.id)
          throw new RequestError("forbidden", "only the person who requested an approval signs it here")
        const checked = await signing.check(approval, "request", { person: actor.id, proof, now: clock.now() })
        if (checked === undefined) throw new RequestError("state_conflict", "the custodian knows no key of this person")
        await pinKey(tx, actor.id, checked.key, clock.now())
        await store.signApproval(tx.trx, approvalId, { request: checked.proof })
        const data = { kind: approval.kind, about: approval.subject, ...signedData(checked.proof) }
        tx.record({ type: "approval.signed", subject: approvalId, data })
        return { ...approval, requestProof: checked.proof }
      }),
    get: async (actor, approvalId) => {
      const approval = await store.findApproval(db, approvalId)
      if (approval === undefined)
        throw new RequestError("not_found", "there is no such approval", { details: { approvalId } })
      return { approval, mayApprove: await mayApprove(actor, approval) }
    },
    approve: (actor, approvalId, proof) =>
      transact(deps, actor.id, async (tx) => {
        const approval = await waiting(tx, approvalId)
        const definition = definitionOf(approval.kind)
        await assertMayApprove(tx, approval, actor, definition)
        // Checks the requester's signature against today's keys too, so that a key revoked since does not count.
        const requested = await signing.check(approval, "request", {
          person: approval.requestedBy,
          proof: approval.requestProof,
        })
        const approved = await signing.check(approval, "approve", { person: actor.id, proof, now: clock.now() })
        if (requested !== undefined && requested.proof.keyId === approved?.proof.keyId) {
          throw new RequestError("forbidden", "the requester signed with the same key: two people sign with two keys")
        }
        const proven = requested && approved && toProvenGrant(approval, requested.proof, approved.proof)
        const by = {
          approvalId,
          subject: approval.subject,
          requestedBy: approval.requestedBy,
          approvedBy: actor.id,
          proven,
        }
        const result = await definition.perform(tx, definition.payload.parse(approval.payload), by)
        if (approved !== undefined) {
          await pinKey(tx, actor.id, approved.key, clock.now())
          await store.signApproval(tx.trx, approvalId, { approval: approved.proof })
        }
        const signed = { isRequestSigned: requested !== undefined, ...signedData(approved?.proof) }
        const settled = await closeApproval(tx, approval, { state: "done", by: actor.id, signed })
        return { approval: { ...settled, approvalProof: approved?.proof }, result: result ?? null }
      }),
    decline: (actor, approvalId, reason) =>
      transact(deps, actor.id, async (tx) => {
        const approval = await waiting(tx, approvalId)
        const allowed =
          approval.requestedBy === actor.id ||
          (await holdsNow(tx, actor.id, definitionOf(approval.kind).approvePermission))
        if (!allowed) throw new RequestError("forbidden", "declining this needs a permission that you do not hold")
        return closeApproval(tx, approval, { state: "declined", by: actor.id, reason })
      }),
    list: async (actor, state) => {
      const approvals = (await store.listApprovals(db, state)).filter((approval) => concerns(actor, approval))
      return Promise.all(
        approvals.map(async (approval) => ({ approval, mayApprove: await mayApprove(actor, approval) })),
      )
    },
    mayRead: async (actor, approvalId) => {
      const approval = await store.findApproval(db, approvalId)
      return approval !== undefined && concerns(actor, approval)
    },
    expire: () =>
      transact(deps, SYSTEM, async (tx) => {
        const approvals = await store.lockExpired(tx.trx, expiryTimes())
        for (const approval of approvals) await closeApproval(tx, approval, { state: "expired", by: SYSTEM })
        return approvals.length
      }),
  }

  async function mayApprove(actor: PersonActor, approval: Approval): Promise<boolean> {
    const definition = definitions.get(approval.kind)
    const holds =
      definition !== undefined && can(actor, definition.approvePermission) && isNamed(definition, approval, actor)
    return waits(approval) && holds && (await people.areIndependent(approval.requestedBy, actor.id))
  }

  async function assertMayApprove(
    tx: EventTransaction,
    approval: Approval,
    actor: PersonActor,
    definition: ApprovalDefinition<unknown>,
  ): Promise<void> {
    const { requestPermission, approvePermission } = definition
    if (!isNamed(definition, approval, actor))
      throw new RequestError("forbidden", "this approval names somebody else as its approver")
    if (!(await holdsNow(tx, actor.id, approvePermission))) {
      throw new RequestError("forbidden", "approving this needs a permission that you do not hold", {
        details: { permission: approvePermission },
      })
    }
    if (!(await holdsNow(tx, approval.requestedBy, requestPermission))) {
      throw new RequestError(
        "state_conflict",
        "the person who requested this no longer holds the permission to request it",
        {
          details: { approvalId: approval.id },
        },
      )
    }
    if (!(await people.areIndependent(approval.requestedBy, actor.id, tx.trx))) {
      throw new RequestError(
        "second_person_required",
        "this needs an approver whose account, roles and credentials do not come from the requester",
        {
          details: { approvalId: approval.id },
        },
      )
    }
  }
}

/** Gives an event's data about signatures: key and digest of the last one, and whether the request was signed. */
interface SignedData {
  readonly isRequestSigned?: boolean
  readonly keyId?: string
  readonly proofSha256?: string
}

function signedData(proof: StoredProof | undefined): SignedData {
  return proof === undefined ? {} : { keyId: proof.keyId, proofSha256: canonicalDigest(proof) }
}

/** Whether the payload lets this person be the approver. */
function isNamed(
  { isApprover, payload }: ApprovalDefinition<unknown>,
  approval: Approval,
  { id }: PersonActor,
): boolean {
  return isApprover === undefined || isApprover(payload.parse(approval.payload), id)
}

const EVENT: Readonly<Record<ApprovalState, string>> = {
  waiting: "approval.requested",
  done: "approval.approved",
  declined: "approval.declined",
  expired: "approval.expired",
}

/**
 * Expires every waiting approval: after a restore, the log may say that it was declined since.
 * @param by - Who expires them, such as `system-host`.
 */
export async function voidWaitingApprovals({ trx, record }: EventTransaction, by: string, at: Date): Promise<void> {
  for (const { id, kind, subject, requestedBy } of await store.lockWaiting(trx)) {
    await store.decideApproval(trx, id, { state: "expired", by, at, reason: undefined })
    record({ type: "approval.expired", subject: id, data: { kind, about: subject, requestedBy, why: "restored" } })
  }
}
