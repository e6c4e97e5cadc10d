/**
 * All that a person proves themselves with, together.
 * @module
 */
import type { Kysely } from "kysely"
import { readSealed } from "../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { deleteCredential } from "./local/credential-store.ts"
import { deleteIdentities } from "./oidc/identity-store.ts"
import { deletePasskeys } from "./passkeys/store.ts"

/** Lets one transaction at a time use a person's single sign-on, or take it away, until it ends. */
export async function lockProofs(trx: Kysely<Tables>, personId: string): Promise<void> {
  await readSealed(trx, "people", (all) => all.where("id", "=", personId).forUpdate())
}

/** Takes away all that a person proves themselves with. */
export async function deleteProofs(db: Kysely<Tables>, personId: string): Promise<void> {
  await deleteCredential(db, personId)
  await deleteIdentities(db, personId)
  await deletePasskeys(db, personId)
}
