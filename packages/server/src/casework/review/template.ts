/**
 * Rationale templates: a ready sentence that a reviewer chooses instead of writing. It is kept as a choice, by its id and
 * the locale in which it was read, and never as words of the reviewer's own; and it may be chosen only where it is true.
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
 * Asserts that a template says what is so.
 *
 * @throws {RequestError} `input_invalid` if the decision has neither template nor words, if its template is about other
 *   matches or another basis, or if it says that nobody looked, and this person was shown an item of the case.
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
    throw new RequestError("input_invalid", "a decision says why: by a template, in words, or both", { details })
  }
  const included = new Map(caseItems.map((caseItem) => [caseItem.itemId, caseItem.included]))
  const isExact = known.every(({ itemId, strength }) => strength === "exact" || included.get(itemId) === false)
  const fits =
    template.id === "test-not-viewed" ? kind === "test" && basis === "not-violation" : isLegalBasis(basis) && isExact
  if (!fits) {
    throw new RequestError("input_invalid", "this template is not about such a decision: say why in words", { details })
  }
  const shown = await readEvents(db, { subject: caseId, type: "viewing.shown", actor: person, limit: 1 })
  if (shown.length > 0) {
    throw new RequestError("input_invalid", "this template says that you did not look, and you did", {
      details,
      hint: "Say why in your own words.",
    })
  }
}
