/**
 * Rationale templates: a ready sentence that the facts bear out. It is stored as a template, apart from what the
 * reviewer writes, and offered only to who did not look.
 * @module
 */
import type { DecisionBody, REVIEWER_TEMPLATES } from "@nightlight/contract/server"
import type { CaseDetail, CaseItem } from "../queries.ts"
import { suggestionOf } from "./suggestion.ts"

/** Id of a template. */
export type Template = (typeof REVIEWER_TEMPLATES)[number]

/** The template that the facts bear out for a decision; none where they do not say why. */
export function templateFor(
  head: CaseDetail,
  caseItems: readonly CaseItem[],
  basis: DecisionBody["basis"],
): Template | undefined {
  const suggested = suggestionOf(head, caseItems)
  if (suggested.basis !== basis) return undefined
  return suggested.code === "test" ? "test-not-viewed" : "exact-not-viewed"
}
