/**
 * A decision as it is being written. Kept in memory alone, by case, so that a failed act or another page loses nothing.
 * @module
 */
import type { Classification, DecisionBody, FileAnnotation, ReportAnnotation } from "@nightlight/contract/server"
import { useState } from "react"

/** What is said of one item. */
export interface JudgedFind {
  readonly included: boolean
  readonly classification?: Classification | undefined
  readonly annotations: readonly FileAnnotation[]
}

/** What was chosen and written so far. */
export interface Draft {
  readonly basis?: DecisionBody["basis"]
  readonly rationale: string
  /** Whether the rationale is the reviewer's own, not the one that the facts suggest. */
  readonly isOwn: boolean
  readonly category: string
  readonly annotations: readonly ReportAnnotation[]
  readonly imminentDanger: boolean
  readonly secondOpinion: boolean
  /** Of items about which something is said; an item that is not here is included, with nothing said of it. */
  readonly finds: Readonly<Record<string, JudgedFind>>
}

const EMPTY: Draft = {
  rationale: "",
  isOwn: false,
  category: "",
  annotations: [],
  imminentDanger: false,
  secondOpinion: false,
  finds: {},
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
  return draft?.isOwn === true && draft.rationale.trim() !== "" ? draft.rationale.trim() : undefined
}

/** Forgets a draft: it was given, and can be taken back no more. */
export const forgetDraft = (caseId: string): void => void drafts.delete(caseId)

/** Whether a basis is one that is reported. */
export const isReportable = (basis: DecisionBody["basis"]): boolean =>
  basis !== "policy-violation" && basis !== "not-violation"

/** The call's body. */
export function toBody(draft: Draft, basis: DecisionBody["basis"], version: number): Record<string, unknown> {
  const { rationale, category, annotations, imminentDanger, secondOpinion, finds } = draft
  const reportable = isReportable(basis)
  return {
    ...{ version, basis, rationale: rationale.trim(), imminentDanger },
    ...(secondOpinion && { secondOpinion }),
    ...(category.trim() !== "" && { category: category.trim() }),
    annotations: reportable ? annotations : [],
    // Items are included in a report alone.
    finds: reportable ? Object.entries(finds).map(([findId, judged]) => ({ findId, ...judged })) : [],
  }
}
