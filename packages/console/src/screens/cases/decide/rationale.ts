/**
 * A first sentence for the reason of a decision, from facts alone; the reviewer's own words replace it.
 * @module
 */
import type { DecisionBody } from "@nightlight/contract/server"
import { cases } from "#messages/cases.ts"
import { listed } from "../../../parts/format.ts"
import type { CaseDetail, Find } from "../queries.ts"
import { suggestionOf } from "./suggestion.ts"

/** The sentence, or none where the facts do not say why. */
export function rationaleFor(head: CaseDetail, finds: readonly Find[], basis: DecisionBody["basis"]): string {
  const { rationaleOf } = cases.decide
  const suggested = suggestionOf(head, finds)
  if (suggested.basis !== basis) return ""
  return suggested.code === "test" ? rationaleOf.test : rationaleOf.exact(listed(head.lists))
}
