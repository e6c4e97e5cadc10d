/**
 * Rationale templates: ready sentences that a reviewer chooses instead of writing. The choice is stored by id and by
 * the locale in which it was read, never as the reviewer's own words, and a template may be chosen only where it is
 * true.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"
import type { CaseHead } from "../cases/state/head.ts"
import type { ItemStrength } from "../cases/types.ts"
import { type DecisionInput, isLegalBasis } from "./types.ts"

/**
 * Checks that a template says what is true.
 *
 * @throws {RequestError} `input_invalid` if the decision has neither template nor text, if its template is for other
 *   matches or another basis, or if it says that nobody viewed an item and this person was shown one of the case.
 */
export async function assertRationale(
  db: Kysely<Tables>,
  { caseId, kind }: CaseHead,
  person: string,
  { decision, known }: { readonly decision: DecisionInput; readonly known: readonly ItemStrength[] },
): Promise<void> {
  const { template, rationale, basis, items: caseItems } = decision
  const details = { caseId }
  if (template === undefined) {
    if (rationale !== undefined) return
    throw new RequestError("input_invalid", "a decision needs a rationale: a template, your own words, or both", {
      details,
    })
  }
  const included = new Map(caseItems.map((caseItem) => [caseItem.itemId, caseItem.included]))
  const isExact = known.every(({ itemId, strength }) => strength === "exact" || included.get(itemId) === false)
  const fits =
    template.id === "test-not-viewed" ? kind === "test" && basis === "not-violation" : isLegalBasis(basis) && isExact
  if (!fits) {
    throw new RequestError(
      "input_invalid",
      "this template does not fit the decision: give the rationale in your own words",
      { details },
    )
  }
  const shown = await readEvents(db, { subject: caseId, type: "viewing.shown", actor: person, limit: 1 })
  if (shown.length > 0) {
    throw new RequestError("input_invalid", "this template says that you viewed nothing, but you did", {
      details,
      hint: "Give the rationale in your own words.",
    })
  }
}
