/**
 * Keys of services: scoped, expiring, bound to a source. Each call checks the database, so that a revoked key stops
 * working everywhere at once.
 * @module
 */

import { randomUUID } from "node:crypto"
import { DEFAULT_CALLS_PER_MINUTE, KEY_MAX_DAYS, MAX_CALLS_PER_MINUTE } from "@nightlight/contract/server"
import { compact, DAY_MS, HOUR_MS, MINUTE_MS, RequestError } from "@nightlight/core"
import type { PersonActor, Scope, ServiceActor } from "../../platform/auth/actor.ts"
import { absentIfUntrusted } from "../../platform/authority/sealed-rows.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import { newToken, tokenDigest } from "../../platform/secrets/tokens.ts"
import * as store from "./store.ts"
import type { ServiceKey } from "./types.ts"

/** Prefix of every key, so that a leaked one can be searched for. */
export const KEY_PREFIX = "nlk_"

const TOKEN = /^nlk_[A-Za-z0-9_-]{43}$/

/** Properties of a new key. */
export interface KeyInput {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly source?: string
  /** Items that it may have screened in a minute; {@link DEFAULT_CALLS_PER_MINUTE} if absent. */
  readonly callsPerMinute?: number
  readonly expiresInDays: number
}

/** Makes, rotates and checks keys of services. */
export interface Keys {
  /**
   * Makes a key.
   *
   * @returns The key, and its token, which is not stored.
   * @throws {RequestError} `input_invalid` if it pushes findings and names no source, the source is not enrolled, its limit
   *   is out of bounds, or it would live longer than a year.
   */
  make(actor: PersonActor, input: KeyInput): Promise<{ readonly key: ServiceKey; readonly token: string }>
  /**
   * Makes a key of the same name, scopes, source and limit that replaces another one. Both are accepted until the overlap
   * ends; use of the old key after that, or after the first use of the new one, is reported. As long as nobody used the
   * new one, the person who made it may repeat the call if its answer was lost: the key whose token was lost is
   * revoked, and the overlap still ends at the same time.
   *
   * @returns The new key, and its token, which is not stored.
   * @throws {RequestError} `state_conflict` if there is no live key of this id, or it was rotated before; as `make`.
   */
  rotate(
    actor: PersonActor,
    id: string,
    terms: { readonly overlapMinutes: number; readonly expiresInDays: number },
  ): Promise<{ readonly key: ServiceKey; readonly token: string }>
  /**
   * Revokes a key, even if its row is missing. Throws {@link RequestError} `state_conflict` if there is no live one.
   */
  revoke(actor: PersonActor, id: string): Promise<void>
  /** As {@link revoke}, in the caller's transaction; `false` if there is no live one. */
  revokeIn(tx: EventTransaction, id: string): Promise<boolean>
  /** Newest first, ended ones included. */
  list(): Promise<readonly ServiceKey[]>
  /** Finds the caller of a token; `undefined` if it is no live key, or its source is no longer trusted. */
  authenticate(token: string): Promise<ServiceActor | undefined>
}

/** Dependencies of keys. */
export interface KeyDeps extends TransactDeps {
  /** Whether a source is enrolled and trusted. */
  readonly isSource: (source: string) => Promise<boolean>
  /** Whether a key waits for an administrator since the database was restored; none does by default. */
  readonly isSuspended?: (id: string) => Promise<boolean>
  /** Called for each use of a key that was replaced. `refused`: the overlap had ended. */
  readonly onOldKey: (use: {
    readonly key: string
    readonly replacedBy: string
    readonly refused: boolean
  }) => Promise<void>
}

/** Stores a digest of each token. The log decides whether a key is live, even if its row is missing. */
export function createKeys({ isSource, isSuspended = async () => false, onOldKey, ...deps }: KeyDeps): Keys {
  const { db, clock } = deps
  const assertMakeable = async ({ scopes, source, callsPerMinute = 1, expiresInDays }: KeyInput): Promise<void> => {
    if (expiresInDays < 1 || expiresInDays > KEY_MAX_DAYS) {
      throw new RequestError("input_invalid", `expected a life of 1 to ${KEY_MAX_DAYS} days`)
    }
    if (!Number.isInteger(callsPerMinute) || callsPerMinute < 1 || callsPerMinute > MAX_CALLS_PER_MINUTE) {
      throw new RequestError("input_invalid", `expected 1 to ${MAX_CALLS_PER_MINUTE} calls a minute`)
    }
    if (scopes.includes("findings:push") && source === undefined) {
      throw new RequestError("input_invalid", "a key that pushes findings must name a source")
    }
    if (source !== undefined && !(await isSource(source))) {
      throw new RequestError("input_invalid", "no such source is enrolled")
    }
  }
  const revokeIn = async ({ trx, record }: EventTransaction, id: string): Promise<boolean> => {
    const revoked = await store.revokeKey(trx, id, clock.now())
    // The log decides which keys are live and revoked, even if the row is missing: it may come back.
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
      callsPerMinute: input.callsPerMinute ?? DEFAULT_CALLS_PER_MINUTE,
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
    const { scopes, source, callsPerMinute, expiresAt } = key
    const data = { scopes, source, callsPerMinute, expiresAt: expiresAt.toISOString() }
    record({ type: "key.made", subject: key.id, data })
  }

  /** Whether the key of a token is accepted; use of a rotated key is reported once nobody should have it any more. */
  const isTaken = async (key: ServiceKey, now: Date): Promise<boolean> => {
    const { replacedBy, overlapEndsAt } = key
    const isLive = key.revokedAt === undefined && key.expiresAt > now
    if (replacedBy === undefined || overlapEndsAt === undefined) return isLive
    const refused = !isLive || overlapEndsAt <= now
    const isDue = refused || (await store.findKey(db, replacedBy))?.usedAt !== undefined
    if (isDue) await onOldKey({ key: key.id, replacedBy, refused })
    return !refused
  }

  /** The unused key that replaced this one, if the same person made it: its token never reached them. */
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
      const { name, scopes, source, callsPerMinute } = old
      const input = compact({ name, scopes, source, callsPerMinute, expiresInDays })
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
      const { id, scopes, source, callsPerMinute } = key
      return { kind: "service", id, scopes: new Set(scopes), source, callsPerMinute }
    },
  }
}

function notRotatable(): RequestError {
  return new RequestError("state_conflict", "there is no live key of this id, or it was replaced already")
}
