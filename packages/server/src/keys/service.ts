/**
 * Keys of services: scoped, expiring, bound to a source. The database is asked at each call, so a key that is revoked
 * is dead everywhere at once.
 * @module
 */
import { randomUUID } from "node:crypto"
import { KEY_MAX_DAYS } from "@nightlight/contract/server"
import { RequestError } from "@nightlight/core"
import type { PersonActor, Scope, ServiceActor } from "../auth/actor.ts"
import { absentIfUntrusted } from "../authority/sealed-rows.ts"
import { type Change, type ChangeDeps, change } from "../events/change.ts"
import { newToken, tokenDigest } from "../secrets/tokens.ts"
import * as store from "./store.ts"
import type { ServiceKey } from "./types.ts"

/** What every key starts with, so that a leaked one can be searched for. */
export const KEY_PREFIX = "nlk_"

const TOKEN = /^nlk_[A-Za-z0-9_-]{43}$/
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

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
  /** Revokes a key. Throws {@link RequestError} `state_conflict` if there is no live one. */
  revoke(actor: PersonActor, id: string): Promise<void>
  /** The same in the caller's transaction; `false` if there is no live one. */
  revokeIn(change: Change, id: string): Promise<boolean>
  /** Newest first, dead ones included. */
  list(): Promise<readonly ServiceKey[]>
  /** Who calls with this token; `undefined` if it is no live key, or its source is not trusted any more. */
  authenticate(token: string): Promise<ServiceActor | undefined>
}

/** What keys need. */
export interface KeyDeps extends ChangeDeps {
  /** Whether a source is enrolled and trusted. */
  readonly isSource: (source: string) => Promise<boolean>
  /** Whether a key waits for an administrator since the database was restored; none does unless given. */
  readonly isSuspended?: (id: string) => Promise<boolean>
}

/** Constructs the keys. */
export function createKeys({ isSource, isSuspended = async () => false, ...deps }: KeyDeps): Keys {
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
  const revokeIn = async ({ trx, record }: Change, id: string): Promise<boolean> => {
    if ((await store.revokeKey(trx, id, clock.now())) === undefined) return false
    record({ type: "key.revoked", subject: id })
    return true
  }
  return {
    make: async (actor, input) => {
      await assertMakeable(input)
      const token = KEY_PREFIX + newToken()
      const madeAt = clock.now()
      const key: ServiceKey = {
        id: `key-${randomUUID()}`,
        name: input.name,
        scopes: [...new Set(input.scopes)],
        source: input.source,
        madeBy: actor.id,
        madeAt,
        expiresAt: new Date(madeAt.getTime() + input.expiresInDays * DAY_MS),
        ...{ revokedAt: undefined, usedAt: undefined },
      }
      await change(deps, actor.id, async ({ trx, record }) => {
        await store.insertKey(trx, key, tokenDigest(token))
        const data = { scopes: key.scopes, source: key.source, expiresAt: key.expiresAt.toISOString() }
        record({ type: "key.made", subject: key.id, data })
      })
      return { key, token }
    },
    revoke: (actor, id) =>
      change(deps, actor.id, async (step) => {
        if (!(await revokeIn(step, id))) throw new RequestError("state_conflict", "there is no live key of this id")
      }),
    revokeIn,
    list: () => store.listKeys(db),
    authenticate: async (token) => {
      if (!TOKEN.test(token)) return undefined
      const now = clock.now()
      const key = await absentIfUntrusted(store.findLiveKey(db, tokenDigest(token), now))
      if (key === undefined || (await isSuspended(key.id))) return undefined
      if (key.source !== undefined && !(await isSource(key.source))) return undefined
      if (key.usedAt === undefined || now.getTime() - key.usedAt.getTime() >= HOUR_MS) {
        await store.touchKey(db, key.id, now)
      }
      return { kind: "service", id: key.id, scopes: new Set(key.scopes), source: key.source }
    },
  }
}
