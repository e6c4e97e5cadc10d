/**
 * SQL of sign-in passkeys.
 * @module
 */

import type { Kysely } from "kysely"
import type { PersonId } from "../../../platform/auth/actor.ts"
import { ABSENT, readConsistentlyOrThrow, readingOf } from "../../../platform/authority/read-consistently.ts"
import {
  insertSealed,
  type Narrow,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { readPowerEvents } from "../../../platform/events/power.ts"
import { passkeyId } from "./passkey-id.ts"

/** A person's passkey for signing in. */
export interface Passkey {
  /** Base64url. */
  readonly credentialId: string
  readonly personId: PersonId
  /** Uncompressed P-256 point, base64url. */
  readonly publicKey: string
  readonly name: string
  /** Counter of the last signature. */
  readonly counter: number
  readonly madeAt: Date
  readonly usedAt: Date | undefined
}

/** Inserts a passkey; `false` if its id is known already. */
export async function insertPasskey(db: Kysely<Tables>, passkey: Omit<Passkey, "usedAt">): Promise<boolean> {
  const known = await db
    .selectFrom("passkeys")
    .select("credential_id")
    .where("credential_id", "=", passkey.credentialId)
    .executeTakeFirst()
  if (known !== undefined) return false
  await insertSealed(db, "passkeys", {
    credential_id: passkey.credentialId,
    person_id: passkey.personId,
    public_key: passkey.publicKey,
    name: passkey.name,
    counter: String(passkey.counter),
    made_at: passkey.madeAt,
    used_at: null,
  })
  return true
}

/**
 * Finds a passkey.
 *
 * @throws {IntegrityError} `row_untrusted` if the row was altered, or put back after it was removed.
 */
export function findPasskey(db: Kysely<Tables>, credentialId: string): Promise<Passkey | undefined> {
  return readConsistentlyOrThrow(db, async () => {
    const row = await readOneSealed(db, "passkeys", (all) => all.where("credential_id", "=", credentialId))
    if (row === undefined) return ABSENT
    const isLive = await isLiveByLog(db, row.person_id, credentialId)
    return readingOf(toPasskey(row), !isLive, { table: "passkeys", id: passkeyId(credentialId) })
  })
}

/** Whether the log knows a person's passkey that was neither removed nor reset. */
export async function isLiveByLog(db: Kysely<Tables>, personId: string, credentialId: string): Promise<boolean> {
  const last = (await readPowerEvents(db, personId)).findLast(
    ({ type, data }) => type === "credentials.reset" || data["passkey"] === passkeyId(credentialId),
  )
  return last?.type === "passkey.added"
}

/** Log ids of a person's passkeys that were neither removed nor reset, according to the log. */
export async function listByLog(db: Kysely<Tables>, personId: string): Promise<readonly string[]> {
  const live = new Set<string>()
  for (const { type, data } of await readPowerEvents(db, personId)) {
    const passkey = data["passkey"]
    if (type === "credentials.reset") live.clear()
    if (typeof passkey !== "string") continue
    if (type === "passkey.added") live.add(passkey)
    else if (type === "passkey.removed") live.delete(passkey)
  }
  return [...live]
}

/** Reads a person's passkeys, oldest first. */
export async function listPasskeys(db: Kysely<Tables>, personId: string): Promise<readonly Passkey[]> {
  const rows = await readSealedGood(db, "passkeys", (all) =>
    all.where("person_id", "=", personId).orderBy("made_at").orderBy("credential_id"),
  )
  return rows.map(toPasskey)
}

/**
 * Records a signature's counter: `false` if it does not rise, where the authenticator counts at all, or the passkey is
 * gone. Of two at once with the same counter, one is accepted.
 */
export async function advanceCounter(
  db: Kysely<Tables>,
  { credentialId, counter, at }: { readonly credentialId: string; readonly counter: number; readonly at: Date },
): Promise<boolean> {
  const rises: Narrow<"passkeys"> = (all) =>
    all
      .where("credential_id", "=", credentialId)
      .where((row) =>
        row.or([
          row("counter", "<", String(counter)),
          row.and([row("counter", "=", "0"), row(row.lit(counter), "=", row.lit(0))]),
        ]),
      )
  const rows = await updateSealed(db, "passkeys", rises, { counter: String(counter), used_at: at })
  return rows.length > 0
}

/** Renames a passkey of a person; `false` if they have none of this id. */
export async function renamePasskey(
  db: Kysely<Tables>,
  { credentialId, personId, name }: Pick<Passkey, "credentialId" | "personId" | "name">,
): Promise<boolean> {
  const own: Narrow<"passkeys"> = (all) =>
    all.where("credential_id", "=", credentialId).where("person_id", "=", personId)
  return (await updateSealed(db, "passkeys", own, { name })).length > 0
}

/** Deletes a passkey of a person, or all of them; returns their ids. */
export async function deletePasskeys(
  db: Kysely<Tables>,
  personId: string,
  credentialId?: string,
): Promise<readonly string[]> {
  let removal = db.deleteFrom("passkeys").where("person_id", "=", personId)
  if (credentialId !== undefined) removal = removal.where("credential_id", "=", credentialId)
  return (await removal.returning("credential_id").execute()).map((row) => row.credential_id)
}

/** Records that a challenge was answered; `false` if it was answered before. */
export async function takeChallenge(db: Kysely<Tables>, nonceSha256: string, at: Date): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("passkey_challenges")
    .values({ nonce_sha256: nonceSha256, used_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Deletes challenges that were answered before a time. They are kept only so that none is answered twice. */
export async function sweepChallenges(db: Kysely<Tables>, before: Date): Promise<void> {
  await db.deleteFrom("passkey_challenges").where("used_at", "<", before).execute()
}

function toPasskey(row: SealedRow<"passkeys">): Passkey {
  return {
    credentialId: row.credential_id,
    personId: row.person_id as PersonId,
    publicKey: row.public_key,
    name: row.name,
    counter: Number(row.counter),
    madeAt: row.made_at,
    usedAt: row.used_at ?? undefined,
  }
}
