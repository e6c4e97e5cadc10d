/**
 * All credentials of a person, together.
 * @module
 */
import type { Kysely } from "kysely"
import { readSealed } from "../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { deleteCredential } from "./credential-store.ts"
import { deleteIdentities } from "./oidc/identity-store.ts"
import { deletePasskeys } from "./passkeys/store.ts"

/** Locks a person's single sign-on until the transaction ends, for using or deleting it. */
export async function lockProofs(trx: Kysely<Tables>, personId: string): Promise<void> {
  await readSealed(trx, "people", (all) => all.where("id", "=", personId).forUpdate())
}

/**
 * Deletes a person's password, authenticator, single sign-ons and passkeys. Sessions and links are left to the caller.
 */
export async function deleteProofs(db: Kysely<Tables>, personId: string): Promise<void> {
  await deleteCredential(db, personId)
  await deleteIdentities(db, personId)
  await deletePasskeys(db, personId)
}
