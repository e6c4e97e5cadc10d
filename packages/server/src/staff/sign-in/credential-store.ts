/**
 * SQL of passwords and authenticators.
 * @module
 */
import { randomUUID } from "node:crypto"
import type { Kysely } from "kysely"
import type { PersonId } from "../../platform/auth/actor.ts"
import { ABSENT, readConsistentlyOrThrow, readingOf } from "../../platform/authority/read-consistently.ts"
import { insertSealed, readOneSealed, updateSealed } from "../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { isNewest } from "./newest-proof.ts"

/** A person's password and authenticator. */
export interface Credential {
  readonly personId: PersonId
  /** Hash with its parameters. */
  readonly password: string
  /** Sealed secret. */
  readonly totp: Buffer
  /** Step of the last code that was accepted. */
  readonly totpLastStep: number
}

/**
 * Finds a person's credential.
 *
 * @throws {IntegrityError} `row_untrusted` if the row was altered, or is not the one that was set last.
 */
export function findCredential(db: Kysely<Tables>, personId: string): Promise<Credential | undefined> {
  return readConsistentlyOrThrow(db, async () => {
    const row = await readOneSealed(db, "credentials", (all) => all.where("person_id", "=", personId))
    if (row === undefined) return ABSENT
    const { password, totp, totp_last_step } = row
    const credential = { personId: personId as PersonId, password, totp, totpLastStep: Number(totp_last_step) }
    return readingOf(credential, !(await isNewest(db, personId, row.id)), { table: "credentials", id: personId })
  })
}

/** Inserts a person's credential; returns its id, for the log. */
export async function insertCredential(db: Kysely<Tables>, credential: Credential, at: Date): Promise<string> {
  const id = `credential-${randomUUID()}`
  await insertSealed(db, "credentials", {
    person_id: credential.personId,
    id,
    password: credential.password,
    totp: credential.totp,
    totp_last_step: String(credential.totpLastStep),
    set_at: at,
  })
  return id
}

/** Changes a person's password; returns the credential's new id, for the log. */
export async function updatePassword(
  db: Kysely<Tables>,
  personId: string,
  password: string,
  at: Date,
): Promise<string> {
  const id = `credential-${randomUUID()}`
  await updateSealed(db, "credentials", (all) => all.where("person_id", "=", personId), { id, password, set_at: at })
  return id
}

/** A code's step, and the hash of the password that was checked with it. */
export interface CheckedProof {
  readonly step: number
  readonly password: string
}

/**
 * Accepts a code: `false` if one of its step or of a later one was accepted before, or the password has changed since.
 * Of two at once, one is accepted.
 */
export async function acceptTotpStep(
  db: Kysely<Tables>,
  personId: string,
  { step, password }: CheckedProof,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("credentials")
    .set({ totp_last_step: String(step) })
    .where("person_id", "=", personId)
    .where("password", "=", password)
    .where("totp_last_step", "<", String(step))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Deletes a person's row of `credentials`. Their sessions stay: the caller ends them. */
export async function deleteCredential(db: Kysely<Tables>, personId: string): Promise<void> {
  await db.deleteFrom("credentials").where("person_id", "=", personId).execute()
}
