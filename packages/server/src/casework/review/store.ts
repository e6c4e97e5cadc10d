/**
 * SQL of decisions.
 * @module
 */
import type { Kysely, Selectable, Transaction } from "kysely"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { ReviewTables } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { CaseId, ItemId } from "../cases/types.ts"
import type { Decision, JudgedItem } from "./types.ts"

/** Inserts a decision and what it says of the items that it names. */
export async function addDecision(
  trx: Transaction<Tables>,
  decision: Decision,
  sealed: Buffer | undefined,
): Promise<void> {
  const { decisionId, items: caseItems } = decision
  await trx
    .insertInto("decisions")
    .values({
      decision_id: decisionId,
      case_id: decision.caseId,
      stage: decision.stage,
      person_id: decision.by,
      basis: decision.basis,
      category: decision.category ?? null,
      danger: decision.danger,
      requests_second_review: decision.requestsSecondReview,
      annotations: [...decision.annotations],
      given_at: decision.givenAt,
      undone_at: null,
      template: decision.template?.id ?? null,
      template_locale: decision.template?.locale ?? null,
      sealed: sealed ?? null,
    })
    .execute()
  if (caseItems.length === 0) return
  await trx
    .insertInto("judgements")
    .values(
      caseItems.map((caseItem) => ({
        decision_id: decisionId,
        item_id: caseItem.itemId,
        included: caseItem.included,
        classification: caseItem.classification ?? null,
        category: caseItem.category ?? null,
        annotations: [...caseItem.annotations],
      })),
    )
    .execute()
}

/** Marks a decision as undone; it no longer counts. */
export async function undoDecision(trx: Transaction<Tables>, decisionId: string, at: Date): Promise<void> {
  await trx.updateTable("decisions").set({ undone_at: at }).where("decision_id", "=", decisionId).execute()
}

/** A decision with the person's sealed text; `undefined` if only a template gives the reason. */
export interface SealedDecision extends Decision {
  readonly sealed: Buffer | undefined
}

/** The decisions of a case that were not undone, in order of their stages. */
export async function readDecisions(db: Kysely<Tables>, caseId: string): Promise<readonly SealedDecision[]> {
  const rows = await db
    .selectFrom("decisions")
    .selectAll()
    .where("case_id", "=", caseId)
    .where("undone_at", "is", null)
    .orderBy("given_at")
    .execute()
  const judged = await db
    .selectFrom("judgements")
    .innerJoin("decisions", "decisions.decision_id", "judgements.decision_id")
    .selectAll("judgements")
    .where("decisions.case_id", "=", caseId)
    .orderBy("judgements.item_id")
    .execute()
  const byDecision = Map.groupBy(judged, ({ decision_id }) => decision_id)
  return rows.map((row) => toDecision(row, (byDecision.get(row.decision_id) ?? []).map(toJudgement)))
}

function toDecision(row: Selectable<ReviewTables["decisions"]>, caseItems: readonly JudgedItem[]): SealedDecision {
  return {
    decisionId: row.decision_id,
    caseId: row.case_id as CaseId,
    stage: row.stage,
    by: row.person_id as PersonId,
    basis: row.basis,
    category: row.category ?? undefined,
    danger: row.danger,
    requestsSecondReview: row.requests_second_review,
    annotations: row.annotations as Decision["annotations"],
    template:
      row.template === null || row.template_locale === null
        ? undefined
        : { id: row.template, locale: row.template_locale },
    givenAt: row.given_at,
    items: caseItems,
    sealed: row.sealed ?? undefined,
  }
}

function toJudgement(row: Selectable<ReviewTables["judgements"]>): JudgedItem {
  return {
    itemId: row.item_id as ItemId,
    included: row.included,
    classification: (row.classification ?? undefined) as JudgedItem["classification"],
    category: row.category ?? undefined,
    annotations: row.annotations as JudgedItem["annotations"],
  }
}
