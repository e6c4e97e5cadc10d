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
import type { Act, ActDefinition, ActState, DeclineReason } from "./types.ts"

/** How long an act waits for its second. */
export const ACT_DAYS = 7

/** How far the clocks of several servers may differ: an act that would wait for longer was asked by one that stood ahead. */
const SKEW_MS = 300_000
const SYSTEM = "system-acts"

/** An act, and whether the reader may be its second. */
export interface ListedAct {
  readonly act: Act
  readonly maySecond: boolean
}

/** Acts that take two people. */
export interface Acts {
  /** Makes a kind of act known. Each feature does so once, before the first call. */
  register<Payload>(definition: ActDefinition<Payload>): void
  /**
   * Asks for an act, in the caller's transaction.
   *
   * @throws {RequestError} `forbidden` if the asker lacks the kind's permission, `input_invalid` if the payload is not
   *   the kind's or holds more than ids, codes and counts, `state_conflict` if the same act waits already.
   */
  ask(tx: EventTransaction, actor: PersonActor, kind: string, subject: string, payload: JsonValue): Promise<Act>
  /**
   * Signs an act as whoever asked for it; nobody can second it before. Again, it replaces the signature.
   *
   * @throws {RequestError} `not_found`; `state_conflict` if it does not wait any more; `forbidden` to others;
   *   `input_invalid` if the signature is not theirs over this act.
   */
  sign(actor: PersonActor, actId: string, proof: ApprovalProof): Promise<Act>
  /** Reads one act. @throws {RequestError} `not_found`. */
  get(actor: PersonActor, actId: string): Promise<ListedAct>
  /**
   * Seconds an act and does it. Of two who do so at once, one wins.
   *
   * @param proof - The second's signature over the act; may be left out where nobody must sign.
   * @returns The act, and what its kind shows once.
   * @throws {RequestError} `not_found`; `state_conflict` if it does not wait any more, or whoever asked could not ask
   *   now; `forbidden` without the kind's permission; `second_person_required` if the two do not count as two people.
   */
  second(
    actor: PersonActor,
    actId: string,
    proof?: ApprovalProof,
  ): Promise<{ readonly act: Act; readonly result: JsonValue }>
  /**
   * Declines an act: whoever may second it, or whoever asked. Throws as {@link second} does.
   *
   * @param reason - Told to whoever asked; a code of the contract.
   */
  decline(actor: PersonActor, actId: string, reason?: DeclineReason): Promise<Act>
  /** Acts that the reader asked for or holds a permission of, newest first; an auditor reads all. */
  list(actor: PersonActor, state: ActState | undefined): Promise<readonly ListedAct[]>
  /** Whether the reader's {@link list} could hold this act. */
  mayRead(actor: PersonActor, actId: string): Promise<boolean>
  /** Lets acts run out that waited too long. Returns how many. */
  expire(): Promise<number>
}

/** Constructs the acts. */
export function createActs({
  people,
  signing,
  ...deps
}: TransactDeps & { readonly people: People; readonly signing: ApprovalSigning }): Acts {
  const { db, clock } = deps
  const definitions = new Map<string, ActDefinition<unknown>>()

  const definitionOf = (kind: string): ActDefinition<unknown> => {
    const definition = definitions.get(kind)
    if (definition === undefined) throw new RequestError("input_invalid", "there is no such kind of act")
    return definition
  }
  const runOut = (): store.RunOut => {
    const endedBy = clock.now()
    return { endedBy, endsAfter: new Date(endedBy.getTime() + ACT_DAYS * DAY_MS + SKEW_MS) }
  }
  const waits = ({ state, expiresAt }: Act): boolean => {
    const { endedBy, endsAfter } = runOut()
    return state === "waiting" && expiresAt > endedBy && expiresAt <= endsAfter
  }
  const waiting = async ({ trx }: EventTransaction, actId: string): Promise<Act> => {
    const act = await store.findAct(trx, actId, true)
    if (act === undefined) throw new RequestError("not_found", "there is no such act", { details: { actId } })
    if (!waits(act)) {
      throw new RequestError("state_conflict", "this act does not wait any more", { details: { actId } })
    }
    return act
  }
  const settle = async (
    { trx, record }: EventTransaction,
    act: Act,
    {
      state,
      by,
      reason,
      signed,
    }: {
      readonly state: ActState
      readonly by: string
      readonly reason?: DeclineReason | undefined
      /** What the log says of the signatures. */
      readonly signed?: SignedData
    },
  ): Promise<Act> => {
    const decidedAt = clock.now()
    await store.decideAct(trx, act.id, { state, by, at: decidedAt, reason })
    const data = { kind: act.kind, about: act.subject, askedBy: act.askedBy }
    record({
      type: EVENT[state],
      subject: act.id,
      data: { ...data, ...compact({ reason }), ...signed },
    })
    return { ...act, state, decidedBy: by, decidedAt, declineReason: reason }
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
  const concerns = (actor: PersonActor, act: Act): boolean => {
    const definition = definitions.get(act.kind)
    return (
      act.askedBy === actor.id ||
      actor.roles.has("auditor") ||
      (definition !== undefined && (can(actor, definition.askPermission) || can(actor, definition.secondPermission)))
    )
  }

  return {
    register: (definition) => void definitions.set(definition.kind, definition as unknown as ActDefinition<unknown>),
    ask: async (tx, actor, kind, subject, payload) => {
      const definition = definitionOf(kind)
      if (!can(actor, definition.askPermission)) {
        throw new RequestError("forbidden", "asking for this needs a permission that you do not hold", {
          details: { permission: definition.askPermission },
        })
      }
      const parsed = definition.payload.safeParse(payload)
      if (!parsed.success)
        throw new RequestError("input_invalid", "this is not what the act takes", { details: { kind } })
      await definition.assertAskable?.(tx, { askedBy: actor.id, subject, payload: parsed.data })
      await signing.assertCanSign(actor.id, definition.grantOf !== undefined)
      const askedAt = clock.now()
      const id = `act-${randomUUID()}`
      const draft = { actId: id, subject, payload: parsed.data, askedBy: actor.id, askedAt }
      const grant = await definition.grantOf?.(tx, draft)
      const act: Act = {
        id,
        kind,
        subject,
        payload,
        state: "waiting",
        askedBy: actor.id,
        askedAt,
        expiresAt: new Date(askedAt.getTime() + ACT_DAYS * DAY_MS),
        decidedBy: undefined,
        decidedAt: undefined,
        declineReason: undefined,
        grant,
        askProof: undefined,
        secondProof: undefined,
      }
      await store.insertAct(tx.trx, act)
      const grantSha256 = grant === undefined ? undefined : digestOf(grant)
      const data = { kind, about: subject, payload, grantSha256 } satisfies AuditData
      tx.record({ type: "act.asked", subject: act.id, data })
      return act
    },
    sign: (actor, actId, proof) =>
      transact(deps, actor.id, async (tx) => {
        const act = await waiting(tx, actId)
        if (act.askedBy !== actor.id) throw new RequestError("forbidden", "an act is signed by whoever asked for it")
        const checked = await signing.check(act, "ask", { person: actor.id, proof, now: clock.now() })
        if (checked === undefined) throw new RequestError("state_conflict", "the custodian knows no key of this person")
        await pinKey(tx, actor.id, checked.key, clock.now())
        await store.signAct(tx.trx, actId, { ask: checked.proof })
        const data = { kind: act.kind, about: act.subject, ...signedData(checked.proof) }
        tx.record({ type: "act.signed", subject: actId, data })
        return { ...act, askProof: checked.proof }
      }),
    get: async (actor, actId) => {
      const act = await store.findAct(db, actId)
      if (act === undefined) throw new RequestError("not_found", "there is no such act", { details: { actId } })
      return { act, maySecond: await maySecond(actor, act) }
    },
    second: (actor, actId, proof) =>
      transact(deps, actor.id, async (tx) => {
        const act = await waiting(tx, actId)
        const definition = definitionOf(act.kind)
        await assertMaySecond(tx, act, actor, definition)
        // The first signature by today's keys too: whoever was revoked since has asked for nothing.
        const asked = await signing.check(act, "ask", { person: act.askedBy, proof: act.askProof })
        const seconded = await signing.check(act, "second", { person: actor.id, proof, now: clock.now() })
        if (asked !== undefined && asked.proof.keyId === seconded?.proof.keyId) {
          throw new RequestError("forbidden", "whoever asked signed with the same key: one hand is not two")
        }
        const proven = asked && seconded && toProvenGrant(act, asked.proof, seconded.proof)
        const by = { actId, subject: act.subject, askedBy: act.askedBy, secondedBy: actor.id, proven }
        const result = await definition.perform(tx, definition.payload.parse(act.payload), by)
        if (seconded !== undefined) {
          await pinKey(tx, actor.id, seconded.key, clock.now())
          await store.signAct(tx.trx, actId, { second: seconded.proof })
        }
        const signed = { isAskSigned: asked !== undefined, ...signedData(seconded?.proof) }
        const settled = await settle(tx, act, { state: "done", by: actor.id, signed })
        return { act: { ...settled, secondProof: seconded?.proof }, result: result ?? null }
      }),
    decline: (actor, actId, reason) =>
      transact(deps, actor.id, async (tx) => {
        const act = await waiting(tx, actId)
        const allowed =
          act.askedBy === actor.id || (await holdsNow(tx, actor.id, definitionOf(act.kind).secondPermission))
        if (!allowed) throw new RequestError("forbidden", "declining this needs a permission that you do not hold")
        return settle(tx, act, { state: "declined", by: actor.id, reason })
      }),
    list: async (actor, state) => {
      const acts = (await store.listActs(db, state)).filter((act) => concerns(actor, act))
      return Promise.all(acts.map(async (act) => ({ act, maySecond: await maySecond(actor, act) })))
    },
    mayRead: async (actor, actId) => {
      const act = await store.findAct(db, actId)
      return act !== undefined && concerns(actor, act)
    },
    expire: () =>
      transact(deps, SYSTEM, async (tx) => {
        const acts = await store.lockRunOut(tx.trx, runOut())
        for (const act of acts) await settle(tx, act, { state: "expired", by: SYSTEM })
        return acts.length
      }),
  }

  async function maySecond(actor: PersonActor, act: Act): Promise<boolean> {
    const definition = definitions.get(act.kind)
    const holds = definition !== undefined && can(actor, definition.secondPermission) && isNamed(definition, act, actor)
    return waits(act) && holds && (await people.mayBeSecond(act.askedBy, actor.id))
  }

  async function assertMaySecond(
    tx: EventTransaction,
    act: Act,
    actor: PersonActor,
    definition: ActDefinition<unknown>,
  ): Promise<void> {
    const { askPermission, secondPermission } = definition
    if (!isNamed(definition, act, actor)) throw new RequestError("forbidden", "this names somebody else as its second")
    if (!(await holdsNow(tx, actor.id, secondPermission))) {
      throw new RequestError("forbidden", "seconding this needs a permission that you do not hold", {
        details: { permission: secondPermission },
      })
    }
    if (!(await holdsNow(tx, act.askedBy, askPermission))) {
      throw new RequestError("state_conflict", "whoever asked for this could not ask for it now", {
        details: { actId: act.id },
      })
    }
    if (!(await people.mayBeSecond(act.askedBy, actor.id, tx.trx))) {
      throw new RequestError(
        "second_person_required",
        "this takes somebody whom the first did not make, grant or reset",
        {
          details: { actId: act.id },
        },
      )
    }
  }
}

/** What the log says of signatures: the key of the last one and its digest; of the first one, whether there was one. */
interface SignedData {
  readonly isAskSigned?: boolean
  readonly keyId?: string
  readonly proofSha256?: string
}

function signedData(proof: StoredProof | undefined): SignedData {
  return proof === undefined ? {} : { keyId: proof.keyId, proofSha256: digestOf(proof) }
}

/** Whether an act lets this person be its second, by what it names. */
function isNamed({ isSecond, payload }: ActDefinition<unknown>, act: Act, { id }: PersonActor): boolean {
  return isSecond === undefined || isSecond(payload.parse(act.payload), id)
}

const EVENT: Readonly<Record<ActState, string>> = {
  waiting: "act.asked",
  done: "act.seconded",
  declined: "act.declined",
  expired: "act.expired",
}
