import type { Kysely } from "kysely"
import type { Basis } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readDecisions } from "./store.ts"

/** What a person decided of a case, by basis, as far as it stands; what was undone does not. */
export async function basesOf(db: Kysely<Tables>, caseId: string, person: string): Promise<readonly Basis[]> {
  return (await readDecisions(db, caseId)).filter(({ by }) => by === person).map(({ basis }) => basis)
}
