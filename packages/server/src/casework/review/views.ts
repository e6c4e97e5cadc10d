/**
 * Decisions as the API takes and shows them.
 * @module
 */

import type { DecisionBody, DecisionView as DecisionViewSchema } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { z } from "zod"
import type { ItemId } from "../cases/types.ts"
import type { OpenedDecision } from "./service.ts"
import type { DecisionInput } from "./types.ts"

/** Converts a body to the service's input. */
export function toDecisionInput(body: DecisionBody): DecisionInput {
  const {
    version,
    basis,
    category,
    annotations,
    imminentDanger,
    requestsSecondReview,
    template,
    rationale,
    items: caseItems,
  } = body
  return {
    version,
    basis,
    category,
    annotations: unique(annotations),
    imminentDanger,
    requestsSecondReview,
    template,
    rationale,
    items: caseItems.map(({ itemId, included, classification, category: itemCategory, annotations: notes }) => ({
      itemId: itemId as ItemId,
      included,
      classification,
      category: itemCategory,
      annotations: unique(notes),
    })),
  }
}

/** Holds the rationale in plain text: only people who may read the case's decisions are sent it. */
export function toDecisionView(decision: OpenedDecision): z.input<typeof DecisionViewSchema> {
  const {
    decisionId,
    stage,
    by,
    basis,
    category,
    annotations,
    danger,
    template,
    rationale,
    givenAt,
    items: caseItems,
  } = decision
  return {
    decisionId,
    stage,
    by,
    basis,
    annotations: [...annotations],
    imminentDanger: danger,
    ...compact({ template: template === undefined ? undefined : { ...template }, rationale, category }),
    givenAt: givenAt.toISOString(),
    items: caseItems.map(({ itemId, included, classification, category: itemCategory, annotations: notes }) => ({
      itemId,
      included,
      annotations: [...notes],
      ...compact({ classification, category: itemCategory }),
    })),
  }
}

function unique<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Set(items)]
}
