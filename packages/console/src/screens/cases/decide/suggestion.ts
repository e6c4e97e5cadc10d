/**
 * A suggestion from the facts of a case: words and, if they are certain, a basis to start from. A suggestion never
 * decides.
 * @module
 */
import type { DecisionBody } from "@nightlight/contract/server"
import type { CaseDetail, CaseItem } from "../queries.ts"
import type { cases } from "../words.ts"

/** A suggestion for a case. */
export interface Suggestion {
  readonly code: keyof Omit<(typeof cases)["suggestion"], "take">
  readonly basis?: DecisionBody["basis"]
}

/**
 * Suggests by how the items matched. Only test cards, or exact matches alone, suggest a basis. `caseItems` may be empty
 * while they are loading.
 */
export function suggestionOf(
  { kind, band }: Pick<CaseDetail, "kind" | "band">,
  caseItems: readonly Pick<CaseItem, "strength">[],
): Suggestion {
  if (kind === "test") return { code: "test", basis: "not-violation" }
  const strengths = new Set(caseItems.map(({ strength }) => strength))
  if (strengths.size === 1 && strengths.has("exact")) return { code: "exact", basis: "18-usc-2252a" }
  if (strengths.has("exact")) return { code: "mixed" }
  if (strengths.has("near") || band === "near") return { code: "near" }
  return { code: strengths.has("unverified") || band === "unverified" ? "unverified" : "other" }
}
