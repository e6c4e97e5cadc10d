/**
 * SQL of services' keys.
 * @module
 */
import type { Kysely } from "kysely"
import type { Scope } from "../../platform/auth/actor.ts"
import { ABSENT, readConsistentlyOrThrow, readingOf } from "../../platform/authority/read-consistently.ts"
import {
  insertSealed,
  type Narrow,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"
import { readEvents } from "../../platform/events/read.ts"
import type { ServiceKey } from "./types.ts"

/** Inserts a key with the digest of its token and its MAC. */
export async function insertKey(db: Kysely<Tables>, key: ServiceKey, tokenSha256: string): Promise<void> {
  await insertSealed(db, "service_keys", {
    id: key.id,
    name: key.name,
    token_sha256: tokenSha256,
    scopes: [...key.scopes],
    source: key.source ?? null,
    calls_per_minute: key.callsPerMinute,
    made_by: key.madeBy,
    made_at: key.madeAt,
    expires_at: key.expiresAt,
    revoked_at: null,
    used_at: null,
    replaced_by: null,
    overlap_ends_at: null,
  })
}

/**
 * Finds the key of a token, live or not.
 *
 * @throws {IntegrityError} `row_untrusted` if the row was altered, or the log says that the key was revoked or rotated
 *   and the row does not.
 */
export function findByToken(db: Kysely<Tables>, tokenSha256: string): Promise<ServiceKey | undefined> {
  return findOne(db, (all) => all.where("token_sha256", "=", tokenSha256))
}

/** Finds a key by its id. @throws {IntegrityError} as {@link findByToken}. */
export function findKey(db: Kysely<Tables>, id: string): Promise<ServiceKey | undefined> {
  return findOne(db, (all) => all.where("id", "=", id))
}

function findOne(db: Kysely<Tables>, narrow: Narrow<"service_keys">): Promise<ServiceKey | undefined> {
  return readConsistentlyOrThrow(db, async () => {
    const row = await readOneSealed(db, "service_keys", narrow)
    if (row === undefined) return ABSENT
    const logged = new Set((await readPowerEvents(db, row.id)).map(({ type }) => type))
    const isOlder =
      (row.revoked_at === null && logged.has("key.revoked")) || (row.replaced_by === null && logged.has("key.rotated"))
    return readingOf(toKey(row), isOlder, { table: "service_keys", id: row.id })
  })
}

/**
 * Records which key replaces one.
 *
 * @param instead - The key that replaced it before, if any.
 * @returns `undefined` unless there is a live key with this id that only `instead` replaced.
 */
export async function replaceKey(
  db: Kysely<Tables>,
  id: string,
  {
    replacedBy,
    instead,
    now,
    overlapEndsAt,
  }: {
    readonly replacedBy: string
    readonly instead: string | undefined
    readonly now: Date
    readonly overlapEndsAt: Date
  },
): Promise<ServiceKey | undefined> {
  const [row] = await updateSealed(
    db,
    "service_keys",
    (all) =>
      all
        .where("id", "=", id)
        .where("revoked_at", "is", null)
        .where("replaced_by", instead === undefined ? "is" : "=", instead ?? null)
        .where("expires_at", ">", now),
    { replaced_by: replacedBy, overlap_ends_at: overlapEndsAt },
  )
  return row === undefined ? undefined : toKey(row)
}

/** Reads all keys, newest first. */
export async function listKeys(db: Kysely<Tables>): Promise<readonly ServiceKey[]> {
  const rows = await readSealedGood(db, "service_keys", (all) => all.orderBy("made_at", "desc").orderBy("id"))
  return rows.map(toKey)
}

/** Revokes a key; `undefined` if there is no live one with this id. */
export async function revokeKey(db: Kysely<Tables>, id: string, at: Date): Promise<ServiceKey | undefined> {
  const [row] = await updateSealed(
    db,
    "service_keys",
    (all) => all.where("id", "=", id).where("revoked_at", "is", null),
    { revoked_at: at },
    { leaveUntrusted: true },
  )
  return row === undefined ? undefined : toKey(row)
}

/** Whether the log knows this key as not revoked. */
export async function isLiveByLog(db: Kysely<Tables>, id: string): Promise<boolean> {
  const last = (await readEvents(db, { subject: id, types: ["key.made", "key.revoked"] })).at(-1)
  return last?.type === "key.made"
}

/** Sets `used_at`, which the MAC does not cover. No event is recorded. */
export async function touchKey(db: Kysely<Tables>, id: string, at: Date): Promise<void> {
  await db.updateTable("service_keys").set({ used_at: at }).where("id", "=", id).execute()
}

function toKey(row: SealedRow<"service_keys">): ServiceKey {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes as Scope[],
    source: row.source ?? undefined,
    callsPerMinute: row.calls_per_minute,
    madeBy: row.made_by,
    madeAt: row.made_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at ?? undefined,
    usedAt: row.used_at ?? undefined,
    replacedBy: row.replaced_by ?? undefined,
    overlapEndsAt: row.overlap_ends_at ?? undefined,
  }
}
