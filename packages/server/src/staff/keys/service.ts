/**
 * Keys of services: scoped, expiring, bound to a source. The database is asked at each call, so a key that is revoked
 * is dead everywhere at once.
 * @module
 */

import { randomUUID } from "node:crypto"
import { KEY_MAX_DAYS } from "@nightlight/contract/server"
import { compact, DAY_MS, HOUR_MS, MINUTE_MS, RequestError } from "@nightlight/core"
import type { PersonActor, Scope, ServiceActor } from "../../platform/auth/actor.ts"
import { absentIfUntrusted } from "../../platform/authority/sealed-rows.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import { newToken, tokenDigest } from "../../platform/secrets/tokens.ts"
import * as store from "./store.ts"
import type { ServiceKey } from "./types.ts"

/** What every key starts with, so that a leaked one can be searched for. */
export const KEY_PREFIX = "nlk_"

const TOKEN = /^nlk_[A-Za-z0-9_-]{43}$/

/** What a key is made for. */
export interface KeyInput {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly source?: string
  readonly expiresInDays: number
}

/** Keys of services. */
export interface Keys {
  /**
   * Makes a key.
   *
   * @returns The key, and its token, which is not kept.
   * @throws {RequestError} `input_invalid` if it pushes findings and names no source, the source is not enrolled, or it
   *   would live longer than a year.
   */
  make(actor: PersonActor, input: KeyInput): Promise<{ readonly key: ServiceKey; readonly token: string }>
  /**
   * Makes a key of the same name, scopes and source that takes another one's place. Both are taken until the overlap
   * ends, and whoever uses the old one once the new one was used, or after the end, is reported. As long as nobody used
   * the new one, whoever made it may repeat the call, its answer having been lost: the key whose token nobody has is
   * revoked, and the overlap ends when it would have.
   *
   * @returns The new key, and its token, which is not kept.
   * @throws {RequestError} `state_conflict` if there is no live key of this id, or it was rotated before; as `make`.
   */
  rotate(
    actor: PersonActor,
    id: string,
    terms: { readonly overlapMinutes: number; readonly expiresInDays: number },
  ): Promise<{ readonly key: ServiceKey; readonly token: string }>
  /** Revokes a key, also one whose row is away. Throws {@link RequestError} `state_conflict` if there is no live one. */
  revoke(actor: PersonActor, id: string): Promise<void>
  /** The same in the caller's transaction; `false` if there is no live one. */
  revokeIn(tx: EventTransaction, id: string): Promise<boolean>
  /** Newest first, dead ones included. */
  list(): Promise<readonly ServiceKey[]>
  /** Who calls with this token; `undefined` if it is no live key, or its source is not trusted any more. */
  authenticate(token: string): Promise<ServiceActor | undefined>
}

/** What keys need. */
export interface KeyDeps extends TransactDeps {
  /** Whether a source is enrolled and trusted. */
  readonly isSource: (source: string) => Promise<boolean>
  /** Whether a key waits for an administrator since the database was restored; none does unless given. */
  readonly isSuspended?: (id: string) => Promise<boolean>
  /** Told of each use of a key whose place another one has taken. `refused`: the overlap was over. */
  readonly onOldKey: (use: {
    readonly key: string
    readonly replacedBy: string
    readonly refused: boolean
  }) => Promise<void>
}

/** Constructs the keys. */
export function createKeys({ isSource, isSuspended = async () => false, onOldKey, ...deps }: KeyDeps): Keys {
  const { db, clock } = deps
  const assertMakeable = async ({ scopes, source, expiresInDays }: KeyInput): Promise<void> => {
    if (expiresInDays < 1 || expiresInDays > KEY_MAX_DAYS) {
      throw new RequestError("input_invalid", `expected a life of 1 to ${KEY_MAX_DAYS} days`)
    }
    if (scopes.includes("findings:push") && source === undefined) {
      throw new RequestError("input_invalid", "a key that pushes findings is bound to a source")
    }
    if (source !== undefined && !(await isSource(source))) {
      throw new RequestError("input_invalid", "no such source is enrolled")
    }
  }
  const revokeIn = async ({ trx, record }: EventTransaction, id: string): Promise<boolean> => {
    const revoked = await store.revokeKey(trx, id, clock.now())
    // What the log knows as live is revoked by the log, whether or not its row is there: it may come back.
    if (revoked === undefined && !(await store.isLiveByLog(trx, id))) return false
    record({ type: "key.revoked", subject: id })
    return true
  }
  const newKey = (actor: PersonActor, input: KeyInput): { readonly key: ServiceKey; readonly token: string } => {
    const madeAt = clock.now()
    const key: ServiceKey = {
      id: `key-${randomUUID()}`,
      name: input.name,
      scopes: [...new Set(input.scopes)],
      source: input.source,
      madeBy: actor.id,
      madeAt,
      expiresAt: new Date(madeAt.getTime() + input.expiresInDays * DAY_MS),
      revokedAt: undefined,
      usedAt: undefined,
      replacedBy: undefined,
      overlapEndsAt: undefined,
    }
    return { key, token: KEY_PREFIX + newToken() }
  }
  const insert = async (
    { trx, record }: EventTransaction,
    { key, token }: ReturnType<typeof newKey>,
  ): Promise<void> => {
    await store.insertKey(trx, key, tokenDigest(token))
    const data = { scopes: key.scopes, source: key.source, expiresAt: key.expiresAt.toISOString() }
    record({ type: "key.made", subject: key.id, data })
  }

  /** Whether the key of a token is taken; one that was rotated is reported where nobody should have it any more. */
  const isTaken = async (key: ServiceKey, now: Date): Promise<boolean> => {
    const { replacedBy, overlapEndsAt } = key
    const isLive = key.revokedAt === undefined && key.expiresAt > now
    if (replacedBy === undefined || overlapEndsAt === undefined) return isLive
    const refused = !isLive || overlapEndsAt <= now
    const isDue = refused || (await store.findKey(db, replacedBy))?.usedAt !== undefined
    if (isDue) await onOldKey({ key: key.id, replacedBy, refused })
    return !refused
  }

  /** The key that took the place of one and that nobody used, if the same person made it: its token was never told. */
  const lostReplacement = async (
    trx: EventTransaction["trx"],
    actor: PersonActor,
    { replacedBy, overlapEndsAt }: ServiceKey,
  ): Promise<{ readonly id: string; readonly overlapEndsAt: Date } | undefined> => {
    if (replacedBy === undefined || overlapEndsAt === undefined || overlapEndsAt <= clock.now()) return undefined
    const key = await store.findKey(trx, replacedBy)
    const isLost = key !== undefined && key.madeBy === actor.id && key.usedAt === undefined
    return isLost && key.revokedAt === undefined ? { id: key.id, overlapEndsAt } : undefined
  }

  return {
    make: async (actor, input) => {
      await assertMakeable(input)
      const made = newKey(actor, input)
      await transact(deps, actor.id, (step) => insert(step, made))
      return made
    },
    rotate: async (actor, id, { overlapMinutes, expiresInDays }) => {
      const old = await store.findKey(db, id)
      if (old === undefined) throw notRotatable()
      const { name, scopes, source } = old
      const input = compact({ name, scopes, source, expiresInDays })
      await assertMakeable(input)
      const made = newKey(actor, input)
      await transact(deps, actor.id, async (step) => {
        await insert(step, made)
        const now = made.key.madeAt
        const lost = await lostReplacement(step.trx, actor, old)
        const overlapEndsAt = lost?.overlapEndsAt ?? new Date(now.getTime() + overlapMinutes * MINUTE_MS)
        const terms = { replacedBy: made.key.id, instead: lost?.id, now, overlapEndsAt }
        if ((await store.replaceKey(step.trx, id, terms)) === undefined) throw notRotatable()
        if (lost !== undefined && !(await revokeIn(step, lost.id))) throw notRotatable()
        const data = { replacedBy: made.key.id, overlapEndsAt: overlapEndsAt.toISOString() }
        step.record({ type: "key.rotated", subject: id, data })
      })
      return made
    },
    revoke: (actor, id) =>
      transact(deps, actor.id, async (step) => {
        if (!(await revokeIn(step, id))) throw new RequestError("state_conflict", "there is no live key of this id")
      }),
    revokeIn,
    list: () => store.listKeys(db),
    authenticate: async (token) => {
      if (!TOKEN.test(token)) return undefined
      const now = clock.now()
      const key = await absentIfUntrusted(store.findByToken(db, tokenDigest(token)))
      if (key === undefined || (await absentIfUntrusted(isTaken(key, now))) !== true) return undefined
      if (await isSuspended(key.id)) return undefined
      if (key.source !== undefined && !(await isSource(key.source))) return undefined
      if (key.usedAt === undefined || now.getTime() - key.usedAt.getTime() >= HOUR_MS) {
        await store.touchKey(db, key.id, now)
      }
      return { kind: "service", id: key.id, scopes: new Set(key.scopes), source: key.source }
    },
  }
}

function notRotatable(): RequestError {
  return new RequestError("state_conflict", "there is no live key of this id, or another one takes its place already")
}
