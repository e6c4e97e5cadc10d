import { listed } from "../../parts/format.ts"
import type { CaseRow } from "./queries.ts"
import { cases as say } from "./words.ts"

/** Strengths of a match, strongest first. */
export const STRENGTHS = ["exact", "near", "unverified", "other", "test"] as const
/** The strength of a match. */
export type Strength = (typeof STRENGTHS)[number]

type Counted = Pick<CaseRow, "band" | "strengths">

/** The strengths among a case's items, strongest first. */
export function strengthsOf({ strengths }: Pick<CaseRow, "strengths">): readonly Strength[] {
  return STRENGTHS.filter((strength) => strengths[strength] > 0)
}

/** A case's title. If its items differ in strength, it counts each. */
export function titleOf(row: Counted): string {
  const parts = strengthsOf(row)
  if (row.band === "danger" || parts.length < 2) return say.bands[row.band]
  return listed(parts.map((strength) => say.counted[strength](row.strengths[strength])))
}

/** Like {@link titleOf}, shorter, for a row of the list. */
export function rowTitleOf(row: Counted): string {
  const parts = strengthsOf(row)
  return row.band === "danger" || parts.length < 2 ? say.bands[row.band] : shortOf(row)
}

/** The number of items by strength, in few words. */
export function shortOf({ strengths }: Pick<CaseRow, "strengths">): string {
  return listed(strengthsOf({ strengths }).map((strength) => say.countedShort[strength](strengths[strength])))
}
