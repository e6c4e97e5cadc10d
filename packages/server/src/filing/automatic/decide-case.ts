/**
 * Decides a case by policy. Nobody viewed or judged it, and the decision says so.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { itemStrengthsOf, lockCase } from "../../casework/cases/change-case.ts"
import type { CaseHead } from "../../casework/cases/state/head.ts"
import type { ReviewService } from "../../casework/review/service.ts"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import { AUTOMATIC } from "./types.ts"

/**
 * Decides that a case is to be reported under 18 USC 2252A, for exact matches of lists that a filing authorisation
 * trusts. The decision cannot be undone, and no second review is drawn: a person reviews the report afterwards.
 *
 * @throws {RequestError} `state_conflict` if the case is not open, is about test cards, or has an item that is no exact
 *   match of a trusted list.
 */
export async function decideAutomatically(
  { review }: { readonly review: Pick<ReviewService, "decideImmediately"> },
  tx: EventTransaction,
  caseId: string,
  authorisationId: string,
): Promise<CaseHead> {
  const head = await lockCase(tx.trx, caseId)
  if (head.state !== "open" || head.kind === "test" || head.danger) {
    throw new RequestError("state_conflict", "this case cannot be decided without a person")
  }
  if ((await itemStrengthsOf(tx.trx, caseId)).some(({ strength }) => strength !== "exact")) {
    throw new RequestError("state_conflict", "a person must decide on a near match", {
      details: { reason: "not-exact" },
    })
  }
  const { decisionId, head: decided } = await review.decideImmediately(tx, head, {
    // In the place of a person's id.
    by: AUTOMATIC as PersonId,
    basis: "18-usc-2252a",
    template: { id: "automatic-exact", locale: "en" },
  })
  tx.record({
    type: "case.decided-automatically",
    subject: caseId,
    data: { decision: decisionId, authorisation: authorisationId },
  })
  return decided
}
