/**
 * Keys and sources that a restored database brought back: each stays suspended until an administrator confirms it, or
 * revokes it for good.
 * @module
 */
import { type Clock, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Sources } from "../../intake/sources/types.ts"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { transact } from "../../platform/events/transact.ts"
import type { Keys } from "../../staff/keys/service.ts"
import { readOpenRestore } from "./open-restore.ts"

/** Suspended keys and sources. */
export interface Suspended {
  /** Ids of those that are otherwise live, keys first. */
  readonly waiting: () => Promise<readonly string[]>
  /**
   * Lets a key or a source work again.
   *
   * @throws {RequestError} `not_found` if nothing of that id is suspended.
   */
  readonly confirm: (actor: PersonActor, id: string) => Promise<void>
}

/** Dependencies of {@link createSuspended}. */
export interface SuspendedDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly keys: Pick<Keys, "list">
  readonly sources: Pick<Sources, "list">
}

/** Creates the service. Live keys and sources count as suspended while a restore is open and they are not confirmed. */
export function createSuspended({ db, clock, keys, sources }: SuspendedDeps): Suspended {
  const waiting = async (): Promise<readonly string[]> => {
    const open = await readOpenRestore(db)
    if (open === undefined) return []
    const now = clock.now()
    const live = [
      ...(await keys.list())
        .filter(({ revokedAt, expiresAt }) => revokedAt === undefined && expiresAt > now)
        .map(({ id }) => id),
      ...(await sources.list()).filter(({ revokedAt }) => revokedAt === undefined).map(({ source }) => source),
    ]
    return live.filter((id) => !open.confirmed.has(id))
  }
  return {
    waiting,
    confirm: async (actor, id) => {
      if (!(await waiting()).includes(id)) throw new RequestError("not_found", "nothing of this id is suspended")
      await transact({ db, clock }, actor.id, async ({ record }) => {
        record({ type: id.startsWith("key-") ? "key.confirmed" : "source.confirmed", subject: id })
      })
    },
  }
}
