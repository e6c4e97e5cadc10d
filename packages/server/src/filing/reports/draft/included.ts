import type { Kysely } from "kysely"
import type { CasesService } from "../../../casework/cases/service.ts"
import type { ReviewService } from "../../../casework/review/service.ts"
import type { Tables } from "../../../platform/db/tables.ts"

/** Dependencies of {@link includedEvidence}. */
export interface IncludedDeps {
  readonly cases: Pick<CasesService, "evidenceOfItems">
  readonly review: Pick<ReviewService, "decisionOf">
}

/** Ids of the sealed pieces of all items that a case's decision includes; none while it is undecided. */
export async function includedEvidence(
  { cases, review }: IncludedDeps,
  db: Kysely<Tables>,
  caseId: string,
): Promise<readonly string[]> {
  const decision = await review.decisionOf(db, caseId)
  const included = (decision?.items ?? []).filter((caseItem) => caseItem.included)
  return cases.evidenceOfItems(
    db,
    caseId,
    included.map(({ itemId }) => itemId),
  )
}
