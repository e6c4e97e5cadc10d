/**
 * Acts that take two people: one asks, another one seconds, and only then it is done, in the transaction of the second.
 * @module
 */

import { randomUUID } from "node:crypto"
import type { ApprovalProof } from "@nightlight/contract/custodian"
import { compact, DAY_MS, type JsonValue, RequestError } from "@nightlight/core"
import type { AuditData } from "@nightlight/vault/audit"
import type { PersonActor, PersonId } from "../../platform/auth/actor.ts"
import { can, type Permission } from "../../platform/auth/permissions.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { People } from "../people/service.ts"
import { pinKey } from "./pin-key.ts"
import { type ApprovalSigning, digestOf, type StoredProof, toProvenGrant } from "./signing.ts"
import * as store from "./store.ts"
import type { Approval, ApprovalDefinition, ApprovalState, DeclineReason } from "./types.ts"

/** How long an approval waits for its approver. */
export const APPROVAL_DAYS = 7

/** How far the clocks of several servers may differ: an approval that would wait for longer was asked by one that stood ahead. */
const SKEW_MS = 300_000
const SYSTEM = "system-approvals"

/** An approval, and whether the reader may be its approver. */
export interface ListedApproval {
  readonly approval: Approval
  readonly mayApprove: boolean
}

/** Approvals that take two people. */
export interface Approvals {
  /** Makes a kind of approval known. Each feature does so once, before the first call. */
  register<Payload>(definition: ApprovalDefinition<Payload>): void
  /**
   * Requests an approval, in the caller's transaction.
   *
   * @throws {RequestError} `forbidden` if the asker lacks the kind's permission, `input_invalid` if the payload is not
   *   the kind's or holds more than ids, codes and counts, `state_conflict` if the same approval waits already.
   */
  request(
    tx: EventTransaction,
    actor: PersonActor,
    kind: string,
    subject: string,
    payload: JsonValue,
  ): Promise<Approval>
  /**
   * Signs an act as whoever asked for it; nobody can approve it before. Again, it replaces the signature.
   *
   * @throws {RequestError} `not_found`; `state_conflict` if it does not wait any more; `forbidden` to others;
   *   `input_invalid` if the signature is not theirs over this approval.
   */
  sign(actor: PersonActor, approvalId: string, proof: ApprovalProof): Promise<Approval>
  /** Reads one approval. @throws {RequestError} `not_found`. */
  get(actor: PersonActor, approvalId: string): Promise<ListedApproval>
  /**
   * Approves a request and does it. Of two who do so at once, one wins.
   *
   * @param proof - The second's signature over the approval; may be left out where nobody must sign.
   * @returns The approval, and what its kind shows once.
   * @throws {RequestError} `not_found`; `state_conflict` if it does not wait any more, or whoever asked could not ask
   *   now; `forbidden` without the kind's permission; `second_person_required` if the two do not count as two people.
   */
  approve(
    actor: PersonActor,
    approvalId: string,
    proof?: ApprovalProof,
  ): Promise<{ readonly approval: Approval; readonly result: JsonValue }>
  /**
   * Declines an approval: whoever may approve it, or whoever asked. Throws as {@link approve} does.
   *
   * @param reason - Told to whoever asked; a code of the contract.
   */
  decline(actor: PersonActor, approvalId: string, reason?: DeclineReason): Promise<Approval>
  /** Approvals that the reader asked for or holds a permission of, newest first; an auditor reads all. */
  list(actor: PersonActor, state: ApprovalState | undefined): Promise<readonly ListedApproval[]>
  /** Whether the reader's {@link list} could hold this approval. */
  mayRead(actor: PersonActor, approvalId: string): Promise<boolean>
  /** Lets approvals run out that waited too long. Returns how many. */
  expire(): Promise<number>
}

/** Constructs the approvals. */
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
  const runOut = (): store.RunOut => {
    const endedBy = clock.now()
    return { endedBy, endsAfter: new Date(endedBy.getTime() + APPROVAL_DAYS * DAY_MS + SKEW_MS) }
  }
  const waits = ({ state, expiresAt }: Approval): boolean => {
    const { endedBy, endsAfter } = runOut()
    return state === "waiting" && expiresAt > endedBy && expiresAt <= endsAfter
  }
  const waiting = async ({ trx }: EventTransaction, approvalId: string): Promise<Approval> => {
    const approval = await store.findApproval(trx, approvalId, true)
    if (approval === undefined)
      throw new RequestError("not_found", "there is no such approval", { details: { approvalId } })
    if (!waits(approval)) {
      throw new RequestError("state_conflict", "this approval does not wait any more", { details: { approvalId } })
    }
    return approval
  }
  const settle = async (
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
      /** What the log says of the signatures. */
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
  /** What somebody holds at this moment, read in the transaction: a role that was just removed does not count. */
  const holdsNow = async ({ trx }: EventTransaction, id: PersonId, permission: Permission): Promise<boolean> => {
    const access = await people.access(id, trx)
    if (access === undefined) return false
    const lapsed = access.trained ? {} : { trainingLapsed: true as const }
    return can(
      { kind: "person", id, roles: access.roles, session: "", steppedUpUntil: undefined, ...lapsed },
      permission,
    )
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
        throw new RequestError("forbidden", "asking for this needs a permission that you do not hold", {
          details: { permission: definition.requestPermission },
        })
      }
      const parsed = definition.payload.safeParse(payload)
      if (!parsed.success)
        throw new RequestError("input_invalid", "this is not what the approval takes", { details: { kind } })
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
      const grantSha256 = grant === undefined ? undefined : digestOf(grant)
      const data = { kind, about: subject, payload, grantSha256 } satisfies AuditData
      tx.record({ type: "approval.requested", subject: approval.id, data })
      return approval
    },
    sign: (actor, approvalId, proof) =>
      transact(deps, actor.id, async (tx) => {
        const approval = await waiting(tx, approvalId)
        if (approval.requestedBy !== actor.id)
          throw new RequestError("forbidden", "an approval is signed by whoever asked for it")
        const checked = await signing.check(approval, "request", { person: actor.id, proof, now: clock.now() })
        if (checked === undefined) throw new RequestError("state_conflict", "the custodian knows no key of this person")
        await pinKey(tx, actor.id, checked.key, clock.now())
        await store.signApproval(tx.trx, approvalId, { ask: checked.proof })
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
        // The first signature by today's keys too: whoever was revoked since has asked for nothing.
        const asked = await signing.check(approval, "request", {
          person: approval.requestedBy,
          proof: approval.requestProof,
        })
        const approved = await signing.check(approval, "approve", { person: actor.id, proof, now: clock.now() })
        if (asked !== undefined && asked.proof.keyId === approved?.proof.keyId) {
          throw new RequestError("forbidden", "whoever asked signed with the same key: one hand is not two")
        }
        const proven = asked && approved && toProvenGrant(approval, asked.proof, approved.proof)
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
          await store.signApproval(tx.trx, approvalId, { second: approved.proof })
        }
        const signed = { isRequestSigned: asked !== undefined, ...signedData(approved?.proof) }
        const settled = await settle(tx, approval, { state: "done", by: actor.id, signed })
        return { approval: { ...settled, approvalProof: approved?.proof }, result: result ?? null }
      }),
    decline: (actor, approvalId, reason) =>
      transact(deps, actor.id, async (tx) => {
        const approval = await waiting(tx, approvalId)
        const allowed =
          approval.requestedBy === actor.id ||
          (await holdsNow(tx, actor.id, definitionOf(approval.kind).approvePermission))
        if (!allowed) throw new RequestError("forbidden", "declining this needs a permission that you do not hold")
        return settle(tx, approval, { state: "declined", by: actor.id, reason })
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
        const approvals = await store.lockRunOut(tx.trx, runOut())
        for (const approval of approvals) await settle(tx, approval, { state: "expired", by: SYSTEM })
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
      throw new RequestError("forbidden", "this names somebody else as its approver")
    if (!(await holdsNow(tx, actor.id, approvePermission))) {
      throw new RequestError("forbidden", "approving this needs a permission that you do not hold", {
        details: { permission: approvePermission },
      })
    }
    if (!(await holdsNow(tx, approval.requestedBy, requestPermission))) {
      throw new RequestError("state_conflict", "whoever asked for this could not ask for it now", {
        details: { approvalId: approval.id },
      })
    }
    if (!(await people.areIndependent(approval.requestedBy, actor.id, tx.trx))) {
      throw new RequestError(
        "second_person_required",
        "this takes somebody whom the first did not make, grant or reset",
        {
          details: { approvalId: approval.id },
        },
      )
    }
  }
}

/** What the log says of signatures: the key of the last one and its digest; of the first one, whether there was one. */
interface SignedData {
  readonly isRequestSigned?: boolean
  readonly keyId?: string
  readonly proofSha256?: string
}

function signedData(proof: StoredProof | undefined): SignedData {
  return proof === undefined ? {} : { keyId: proof.keyId, proofSha256: digestOf(proof) }
}

/** Whether an approval lets this person be its approver, by what it names. */
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
