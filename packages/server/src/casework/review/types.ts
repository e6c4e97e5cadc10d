/**
 * Decisions.
 * @module
 */
import type { Classification, FileAnnotation, RationaleTemplateId, ReportAnnotation } from "@nightlight/contract/server"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { Basis, LegalBasis, Outcome, Stage } from "../../platform/db/tables/casework.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import type { CaseId, ItemId } from "../cases/types.ts"

/** What a decision says of one item. */
export interface JudgedItem {
  readonly itemId: ItemId
  /** Whether it stands in the report. */
  readonly included: boolean
  readonly classification: Classification | undefined
  readonly category: string | undefined
  readonly annotations: readonly FileAnnotation[]
}

/** A ready sentence that was chosen, and the locale in which it was read. */
export interface RationaleTemplate {
  readonly id: RationaleTemplateId
  readonly locale: string
}

/** A decision as a person gives it. */
export interface DecisionInput {
  /** Of the case as the person saw it. */
  readonly version: number
  readonly basis: Basis
  readonly category: string | undefined
  readonly annotations: readonly ReportAnnotation[]
  readonly imminentDanger: boolean
  /** Whether somebody else is to decide again. */
  readonly secondOpinion: boolean
  readonly template: RationaleTemplate | undefined
  /** In the person's own words; a decision has a template, words, or both. */
  readonly rationale: string | undefined
  /**
   * Of the items that are not named, exact matches of trusted lists are included in a report, with nothing more said of
   * them; all others are not.
   */
  readonly items: readonly JudgedItem[]
}

/** A decision that was given. */
export interface Decision {
  /** `decision-<uuid>`. */
  readonly decisionId: string
  readonly caseId: CaseId
  readonly stage: Stage
  readonly by: PersonId
  readonly basis: Basis
  readonly category: string | undefined
  readonly danger: boolean
  /** Whether somebody else was asked to decide again. */
  readonly asksSecond: boolean
  readonly annotations: readonly ReportAnnotation[]
  readonly template: RationaleTemplate | undefined
  readonly givenAt: Date
  /** Of the items that it names. */
  readonly items: readonly JudgedItem[]
}

/** What a case was decided to be, with everything a report states of it. */
export interface SettledDecision extends Decision {
  readonly outcome: Outcome
  readonly decidedAt: Date
  readonly secondReview: DecidedCase["secondReview"]
  readonly rationale: string | undefined
  /** Every item of the case, in order of attachment. */
  readonly items: readonly JudgedItem[]
}

/** A case that was decided: nothing is pending any more. */
export interface DecidedCase {
  readonly caseId: CaseId
  readonly decisionId: string
  readonly basis: Basis
  readonly outcome: Outcome
  readonly danger: boolean
  readonly decidedBy: PersonId
  readonly decidedAt: Date
  readonly knowledgeAt: Date | undefined
  readonly dueAt: Date | undefined
  readonly secondReview: "none" | "agreed" | "resolved" | "waived"
  /** Test cards: never reportable. */
  readonly test: boolean
}

/** Follows a decision, in the transaction that settles it. */
export type DecidedHook = (tx: EventTransaction, decided: DecidedCase) => Promise<void>

/** What follows from a basis. */
export function outcomeOf(basis: Basis): Outcome {
  return basis === "policy-violation" || basis === "not-violation" ? basis : "reportable"
}

/** Whether a basis is one of the law. */
export function isLegalBasis(basis: Basis): basis is LegalBasis {
  return outcomeOf(basis) === "reportable"
}
