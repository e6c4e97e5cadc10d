/**
 * Rationale templates: ready sentences that follow from the facts of a case. They are stored as templates, apart from
 * the reviewer's own words, and offered only to people who viewed nothing.
 * @module
 */
import type { DecisionBody, REVIEWER_TEMPLATES } from "@nightlight/contract/server"
import type { CaseDetail, CaseItem } from "../queries.ts"
import { suggestionOf } from "./suggestion.ts"

/** Id of a rationale template. */
export type Template = (typeof REVIEWER_TEMPLATES)[number]

/** The template that the facts support for a decision; `undefined` if they do not explain it. */
export function templateFor(
  head: CaseDetail,
  caseItems: readonly CaseItem[],
  basis: DecisionBody["basis"],
): Template | undefined {
  const suggested = suggestionOf(head, caseItems)
  if (suggested.basis !== basis) return undefined
  return suggested.code === "test" ? "test-not-viewed" : "exact-not-viewed"
}
