/**
 * Decisions.
 * @module
 */

import type { Classification, FileAnnotation, RationaleTemplateId, ReportAnnotation } from "@nightlight/contract/server"
import type { KeyedDigest } from "@nightlight/vault"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { Basis, LegalBasis, Outcome, Stage } from "../../platform/db/tables/casework.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import type { Jobs } from "../../platform/jobs/job.ts"
import type { CasesDeps } from "../cases/ports.ts"
import type { CaseId, ItemId } from "../cases/types.ts"

/** A decision's judgement of one item. */
export interface JudgedItem {
  readonly itemId: ItemId
  /** Whether the report includes it. */
  readonly included: boolean
  readonly classification: Classification | undefined
  readonly category: string | undefined
  readonly annotations: readonly FileAnnotation[]
}

/** A chosen template, and the locale in which it was read. */
export interface RationaleTemplate {
  readonly id: RationaleTemplateId
  readonly locale: string
}

/** A decision as a person gives it. */
export interface DecisionInput {
  /** Version of the case that the person saw. */
  readonly version: number
  readonly basis: Basis
  readonly category: string | undefined
  readonly annotations: readonly ReportAnnotation[]
  readonly imminentDanger: boolean
  /** Whether a second opinion is requested. */
  readonly requestsSecondReview: boolean
  readonly template: RationaleTemplate | undefined
  /** In the person's own words; a decision has a template, words, or both. */
  readonly rationale: string | undefined
  /**
   * Items that are not named: exact matches of trusted lists are included in a report without further statements; all
   * others are not.
   */
  readonly items: readonly JudgedItem[]
}

/** A decision that was made. */
export interface Decision {
  /** `decision-<uuid>`. */
  readonly decisionId: string
  readonly caseId: CaseId
  readonly stage: Stage
  readonly by: PersonId
  readonly basis: Basis
  readonly category: string | undefined
  readonly danger: boolean
  /** Whether a second opinion was requested. */
  readonly requestsSecondReview: boolean
  readonly annotations: readonly ReportAnnotation[]
  readonly template: RationaleTemplate | undefined
  readonly givenAt: Date
  /** The items that it names. */
  readonly items: readonly JudgedItem[]
}

/** The settled decision of a case, with everything that a report states of it. */
export interface SettledDecision extends Decision {
  readonly outcome: Outcome
  readonly decidedAt: Date
  readonly secondReview: DecidedCase["secondReview"]
  readonly rationale: string | undefined
  /** Every item of the case, in order of attachment. */
  readonly items: readonly JudgedItem[]
}

/** A case that was decided; nothing is pending. */
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
  /** Test cards are never reportable. */
  readonly test: boolean
}

/** Runs after a decision, in the transaction that settles it. */
export type DecidedHook = (tx: EventTransaction, decided: DecidedCase) => Promise<void>

/** Returns the outcome of a basis: every legal basis is `reportable`. */
export function outcomeOf(basis: Basis): Outcome {
  return basis === "policy-violation" || basis === "not-violation" ? basis : "reportable"
}

/** Whether a basis names a law, so that the case must be reported. */
export function isLegalBasis(basis: Basis): basis is LegalBasis {
  return outcomeOf(basis) === "reportable"
}

/** Name of the job that settles decisions. */
export const SETTLE_DECISION = "settle-decision"

/** Configuration of reviews. */
export interface ReviewConfig {
  /** Share of decisions that a second person reviews, 0 to 1. */
  readonly secondReviewSampling: number
}

/** Dependencies of review. */
export interface ReviewDeps extends CasesDeps {
  readonly digests: KeyedDigest
  readonly jobs: Jobs
  readonly config: ReviewConfig
  /** Run after each decision, in this order, in the transaction that settles it. */
  readonly decided: readonly DecidedHook[]
}
