/**
 * Unfinished decisions. They are kept in memory only, by case, so that neither a failed call nor another page loses
 * them.
 * @module
 */
import { compact } from "@nightlight/contract"
import type { Classification, DecisionBody, FileAnnotation, ReportAnnotation } from "@nightlight/contract/server"
import { useState } from "react"
import { LOCALE } from "#messages/common.ts"
import type { CaseItem } from "../queries.ts"
import type { Template } from "./rationale.ts"

/** A draft's judgement of one item. */
export interface JudgedItem {
  readonly included: boolean
  readonly classification?: Classification | undefined
  readonly annotations: readonly FileAnnotation[]
}

/** An unfinished decision. */
export interface Draft {
  readonly basis?: DecisionBody["basis"]
  /** The reviewer's own words. */
  readonly rationale: string
  /** A rationale template, kept apart from the reviewer's own words. */
  readonly template?: Template | undefined
  readonly category: string
  readonly annotations: readonly ReportAnnotation[]
  readonly imminentDanger: boolean
  readonly requestsSecondReview: boolean
  /** The items that the reviewer judged; {@link judgedOf} gives the default for the others. */
  readonly items: Readonly<Record<string, JudgedItem>>
}

const EMPTY: Draft = {
  rationale: "",
  category: "",
  annotations: [],
  imminentDanger: false,
  requestsSecondReview: false,
  items: {},
}

const drafts = new Map<string, Draft>()

/** The draft of a case, and a function that changes it. Mount the component with the case's id as `key`. */
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

/** Whether a draft of the case exists. */
export const hasDraft = (caseId: string): boolean => drafts.has(caseId)

/** The rationale that the user wrote for a case; `undefined` if none. */
export function ownWords(caseId: string): string | undefined {
  const draft = drafts.get(caseId)
  const words = draft?.rationale.trim() ?? ""
  return words === "" ? undefined : words
}

/** A draft's judgement of an item. By default an exact match is in the report, and any other item is not. */
export function judgedOf({ items: caseItems }: Pick<Draft, "items">, { itemId, strength }: Judgeable): JudgedItem {
  return caseItems[itemId] ?? { included: strength === "exact", annotations: [] }
}

/** How many of a case's items the report includes, and which need a person's judgement. */
export function inclusionOf(draft: Pick<Draft, "items">, caseItems: readonly Judgeable[]) {
  const others = caseItems.filter(({ strength }) => strength !== "exact")
  return {
    included: caseItems.filter((caseItem) => judgedOf(draft, caseItem).included).length,
    /** Items that are in the report only if a person includes them. */
    others,
    /** Those of them that nobody has judged yet. */
    open: others.filter(({ itemId }) => draft.items[itemId] === undefined),
  }
}

/** The draft's items after including, or excluding, every item that is not an exact match. */
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

/** Deletes the draft of a decision that can no longer be undone. */
export const forgetDraft = (caseId: string): void => void drafts.delete(caseId)

/** Whether a decision on this basis is reported. */
export const isReportable = (basis: DecisionBody["basis"]): boolean =>
  basis !== "policy-violation" && basis !== "not-violation"

/** The body of the call that decides. */
export function toBody(draft: Draft, basis: DecisionBody["basis"], version: number): Record<string, unknown> {
  const { rationale, template, category, annotations, imminentDanger, requestsSecondReview, items: caseItems } = draft
  const reportable = isReportable(basis)
  return compact({
    version,
    basis,
    imminentDanger,
    template: template === undefined ? undefined : { id: template, locale: LOCALE },
    rationale: rationale.trim() !== "" ? rationale.trim() : undefined,
    requestsSecondReview: requestsSecondReview || undefined,
    category: category.trim() !== "" ? category.trim() : undefined,
    annotations: reportable ? annotations : [],
    // Only a reportable decision names items.
    items: reportable ? Object.entries(caseItems).map(([itemId, judged]) => ({ itemId, ...judged })) : [],
  })
}
