/**
 * Takes a decision that takes effect at once: it cannot be undone, and no second review is drawn.
 * @module
 */
import { randomUUID } from "node:crypto"
import type { EventTransaction } from "../../platform/events/transact.ts"
import { changeCase } from "../cases/change-case.ts"
import type { CaseHead } from "../cases/state/head.ts"
import type { CaseId } from "../cases/types.ts"
import { concludeCase } from "./settle.ts"
import { addDecision } from "./store.ts"
import type { Decision, ReviewDeps } from "./types.ts"

/** A decision that takes effect at once. */
export interface ImmediateDecision extends Pick<Decision, "by" | "basis"> {
  readonly template: NonNullable<Decision["template"]>
}

/**
 * Records a first decision of a case and settles it, with all consequences.
 *
 * @param head - An open case, locked in this transaction.
 */
export async function decideImmediately(
  deps: ReviewDeps,
  tx: EventTransaction,
  head: CaseHead,
  { by, basis, template }: ImmediateDecision,
): Promise<{ readonly decisionId: string; readonly head: CaseHead }> {
  const givenAt = deps.clock.now()
  const decisionId = `decision-${randomUUID()}`
  const decision: Decision = {
    decisionId,
    caseId: head.caseId as CaseId,
    stage: "first",
    by,
    basis,
    category: undefined,
    danger: false,
    requestsSecondReview: false,
    annotations: [],
    template,
    givenAt,
    items: [],
  }
  const at = givenAt.toISOString()
  const given = await changeCase(tx, head.caseId, head, [
    {
      type: "case.decision-given",
      data: {
        decision: decisionId,
        stage: "first",
        by,
        basis,
        danger: false,
        annotations: [],
        at,
        undoUntil: at,
        requestsSecondReview: false,
        template: template.id,
        locale: template.locale,
      },
    },
  ])
  await addDecision(tx.trx, decision, undefined)
  return { decisionId, head: await concludeCase(deps, tx, given, decision, "none") }
}
