import type { Kysely } from "kysely"
import { authorityOf } from "../../platform/authority/of-database.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"

/**
 * Checks that a credential is the one that its person set last, and not an older row that was put back.
 *
 * @throws {IntegrityError} `row_untrusted`.
 */
export async function assertNewest(
  db: Kysely<Tables>,
  personId: string,
  { table, proof }: { readonly table: "credentials" | "identities"; readonly proof: string },
): Promise<void> {
  const last = (await readPowerEvents(db, personId)).findLast(({ type }) => type.startsWith("credentials."))
  if (last?.data["proof"] !== proof) throw authorityOf(db).distrust({ table, id: personId })
}
