import { listed } from "../../parts/format.ts"
import type { CaseRow } from "./queries.ts"
import { cases as say } from "./words.ts"

/** How strong a match is, strongest first. */
export const STRENGTHS = ["exact", "near", "unverified", "other", "test"] as const
/** One strength. */
export type Strength = (typeof STRENGTHS)[number]

type Counted = Pick<CaseRow, "band" | "strengths">

/** Strengths that items of a case have, strongest first. */
export function strengthsOf({ strengths }: Pick<CaseRow, "strengths">): readonly Strength[] {
  return STRENGTHS.filter((strength) => strengths[strength] > 0)
}

/** What a case is, for its title: where its items match in different ways, how many of each. */
export function titleOf(row: Counted): string {
  const parts = strengthsOf(row)
  if (row.band === "danger" || parts.length < 2) return say.bands[row.band]
  return listed(parts.map((strength) => say.counted[strength](row.strengths[strength])))
}

/** As {@link titleOf}, for a row of a list. */
export function rowTitleOf(row: Counted): string {
  const parts = strengthsOf(row)
  return row.band === "danger" || parts.length < 2 ? say.bands[row.band] : shortOf(row)
}

/** How many items of a case match how, in few words. */
export function shortOf({ strengths }: Pick<CaseRow, "strengths">): string {
  return listed(strengthsOf({ strengths }).map((strength) => say.countedShort[strength](strengths[strength])))
}
