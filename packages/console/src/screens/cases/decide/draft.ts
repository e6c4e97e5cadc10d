/**
 * A decision as it is being written. Kept in memory alone, by case, so that a failed action or another page loses nothing.
 * @module
 */
import { compact } from "@nightlight/contract"
import type { Classification, DecisionBody, FileAnnotation, ReportAnnotation } from "@nightlight/contract/server"
import { useState } from "react"
import { LOCALE } from "#messages/common.ts"
import type { CaseItem } from "../queries.ts"
import type { Template } from "./rationale.ts"

/** What is said of one item. */
export interface JudgedItem {
  readonly included: boolean
  readonly classification?: Classification | undefined
  readonly annotations: readonly FileAnnotation[]
}

/** What was chosen and written so far. */
export interface Draft {
  readonly basis?: DecisionBody["basis"]
  /** In the reviewer's own words. */
  readonly rationale: string
  /** A ready sentence that says why, kept apart from those words. */
  readonly template?: Template | undefined
  readonly category: string
  readonly annotations: readonly ReportAnnotation[]
  readonly imminentDanger: boolean
  readonly secondOpinion: boolean
  /** Of items about which something is said; of the others see {@link judgedOf}. */
  readonly items: Readonly<Record<string, JudgedItem>>
}

const EMPTY: Draft = {
  rationale: "",
  category: "",
  annotations: [],
  imminentDanger: false,
  secondOpinion: false,
  items: {},
}

const drafts = new Map<string, Draft>()

/** The draft of a case, and its change; use one per case by a `key`. */
export function useDraft(caseId: string): readonly [Draft, (change: Partial<Draft>) => void] {
  const [draft, setDraft] = useState<Draft>(() => drafts.get(caseId) ?? EMPTY)
  const change = (part: Partial<Draft>) =>
    setDraft((before) => {
      const next = { ...before, ...part }
      drafts.set(caseId, next)
      return next
    })
  return [draft, change]
}

/** Whether anything was chosen or written for a case. */
export const hasDraft = (caseId: string): boolean => drafts.has(caseId)

/** The reason that somebody wrote for a case in words of their own; none where they wrote none. */
export function ownWords(caseId: string): string | undefined {
  const draft = drafts.get(caseId)
  const words = draft?.rationale.trim() ?? ""
  return words === "" ? undefined : words
}

/** What is said of an item: bytes of a listed file are in the report unless left out, all others once included. */
export function judgedOf({ items: caseItems }: Pick<Draft, "items">, { itemId, strength }: Judgeable): JudgedItem {
  return caseItems[itemId] ?? { included: strength === "exact", annotations: [] }
}

/** How the items of a case stand to its report. */
export function inclusionOf(draft: Pick<Draft, "items">, caseItems: readonly Judgeable[]) {
  const others = caseItems.filter(({ strength }) => strength !== "exact")
  return {
    included: caseItems.filter((caseItem) => judgedOf(draft, caseItem).included).length,
    /** Items that are in the report only where a person says so. */
    others,
    /** Those of them of which nobody has said whether they are. */
    open: others.filter(({ itemId }) => draft.items[itemId] === undefined),
  }
}

/** The draft's items with every one that is no exact match in the report, or out of it. */
export function withOthers(
  draft: Pick<Draft, "items">,
  caseItems: readonly Judgeable[],
  included: boolean,
): Draft["items"] {
  const { others } = inclusionOf(draft, caseItems)
  const judged = others.map((caseItem) => [caseItem.itemId, { ...judgedOf(draft, caseItem), included }] as const)
  return { ...draft.items, ...Object.fromEntries(judged) }
}

type Judgeable = Pick<CaseItem, "itemId" | "strength">

/** Forgets a draft: it was given, and can be taken back no more. */
export const forgetDraft = (caseId: string): void => void drafts.delete(caseId)

/** Whether a basis is one that is reported. */
export const isReportable = (basis: DecisionBody["basis"]): boolean =>
  basis !== "policy-violation" && basis !== "not-violation"

/** The call's body. */
export function toBody(draft: Draft, basis: DecisionBody["basis"], version: number): Record<string, unknown> {
  const { rationale, template, category, annotations, imminentDanger, secondOpinion, items: caseItems } = draft
  const reportable = isReportable(basis)
  return compact({
    version,
    basis,
    imminentDanger,
    template: template === undefined ? undefined : { id: template, locale: LOCALE },
    rationale: rationale.trim() !== "" ? rationale.trim() : undefined,
    secondOpinion: secondOpinion || undefined,
    category: category.trim() !== "" ? category.trim() : undefined,
    annotations: reportable ? annotations : [],
    // Items are included in a report alone.
    items: reportable ? Object.entries(caseItems).map(([itemId, judged]) => ({ itemId, ...judged })) : [],
  })
}
