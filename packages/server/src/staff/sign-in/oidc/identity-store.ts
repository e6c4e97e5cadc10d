/**
 * SQL of people's single sign-on identities.
 * @module
 */
import { randomUUID } from "node:crypto"
import type { Kysely } from "kysely"
import type { PersonId } from "../../../platform/auth/actor.ts"
import { ABSENT, readConsistentlyOrThrow, readingOf } from "../../../platform/authority/read-consistently.ts"
import { insertSealed, readOneSealed } from "../../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { isNewest } from "../newest-proof.ts"

/**
 * Finds the person of a single sign-on.
 *
 * @throws {IntegrityError} `row_untrusted` if the row was altered, or is not the one that was set last.
 */
export function findIdentity(
  db: Kysely<Tables>,
  { issuer, subject }: { readonly issuer: string; readonly subject: string },
): Promise<PersonId | undefined> {
  return readConsistentlyOrThrow(db, async () => {
    const row = await readOneSealed(db, "identities", (all) =>
      all.where("issuer", "=", issuer).where("subject", "=", subject),
    )
    if (row === undefined) return ABSENT
    const personId = row.person_id as PersonId
    return readingOf(personId, !(await isNewest(db, personId, row.id)), { table: "identities", id: personId })
  })
}

/** Binds a single sign-on to a person; returns the binding's id, for the log. */
export async function insertIdentity(
  db: Kysely<Tables>,
  identity: { readonly issuer: string; readonly subject: string; readonly personId: string },
  at: Date,
): Promise<string> {
  const { issuer, subject, personId } = identity
  const id = `identity-${randomUUID()}`
  await insertSealed(db, "identities", { issuer, subject, person_id: personId, id, bound_at: at })
  return id
}

/** Deletes a person's rows of `identities`, of every issuer. */
export async function deleteIdentities(db: Kysely<Tables>, personId: string): Promise<void> {
  await db.deleteFrom("identities").where("person_id", "=", personId).execute()
}
