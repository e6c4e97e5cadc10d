/**
 * SQL of what people prove themselves with: a password and an authenticator, or a single sign-on.
 * @module
 */
import type { Kysely } from "kysely"
import type { PersonId } from "../auth/actor.ts"
import type { Tables } from "../db/tables.ts"

/** Password and authenticator of a person. */
export interface Credential {
  readonly personId: PersonId
  /** Hash with its parameters. */
  readonly password: string
  /** Sealed secret. */
  readonly totp: Buffer
  /** Step of the last code that was taken. */
  readonly totpLastStep: number
}

/** Finds a person's credential. */
export async function findCredential(db: Kysely<Tables>, personId: string): Promise<Credential | undefined> {
  const row = await db.selectFrom("credentials").selectAll().where("person_id", "=", personId).executeTakeFirst()
  if (row === undefined) return undefined
  const { password, totp, totp_last_step } = row
  return { personId: personId as PersonId, password, totp, totpLastStep: Number(totp_last_step) }
}

/** Adds a person's credential. */
export async function insertCredential(db: Kysely<Tables>, credential: Credential, at: Date): Promise<void> {
  await db
    .insertInto("credentials")
    .values({
      person_id: credential.personId,
      password: credential.password,
      totp: credential.totp,
      totp_last_step: String(credential.totpLastStep),
      set_at: at,
    })
    .execute()
}

/** Changes a person's password. */
export async function updatePassword(db: Kysely<Tables>, personId: string, password: string, at: Date): Promise<void> {
  await db.updateTable("credentials").set({ password, set_at: at }).where("person_id", "=", personId).execute()
}

/** A code's step, and the hash of the password that was right with it. */
export interface CheckedProof {
  readonly step: number
  readonly password: string
}

/**
 * Takes a code: `false` if one of its step or of a later one was taken before, or the password is another by now. Of two
 * at once, one is taken.
 */
export async function takeStep(
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

/** Finds whose single sign-on this is. */
export async function findIdentity(
  db: Kysely<Tables>,
  { issuer, subject }: { readonly issuer: string; readonly subject: string },
): Promise<PersonId | undefined> {
  const row = await db
    .selectFrom("identities")
    .select("person_id")
    .where("issuer", "=", issuer)
    .where("subject", "=", subject)
    .executeTakeFirst()
  return row?.person_id as PersonId | undefined
}

/** Binds a single sign-on to a person. */
export async function insertIdentity(
  db: Kysely<Tables>,
  identity: { readonly issuer: string; readonly subject: string; readonly personId: string },
  at: Date,
): Promise<void> {
  const { issuer, subject, personId } = identity
  await db.insertInto("identities").values({ issuer, subject, person_id: personId, bound_at: at }).execute()
}

/** Lets one transaction at a time use a person's single sign-on, or take it away, until it ends. */
export async function lockProofs(trx: Kysely<Tables>, personId: string): Promise<void> {
  await trx.selectFrom("people").select("id").where("id", "=", personId).forUpdate().execute()
}

/** Takes away all that a person proves themselves with. */
export async function deleteProofs(db: Kysely<Tables>, personId: string): Promise<void> {
  await db.deleteFrom("credentials").where("person_id", "=", personId).execute()
  await db.deleteFrom("identities").where("person_id", "=", personId).execute()
}
