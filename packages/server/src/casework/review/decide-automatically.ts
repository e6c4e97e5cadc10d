/**
 * Decides a case by policy: nobody looked, nobody judged, and the decision says so.
 * @module
 */
import { randomUUID } from "node:crypto"
import { RequestError } from "@nightlight/core"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { Change } from "../../platform/events/change.ts"
import type { CaseHead } from "../cases/head.ts"
import { applyEvents, lockHead, readFindStrengths } from "../cases/ledger.ts"
import type { CaseId } from "../cases/types.ts"
import type { ReviewDeps } from "./ports.ts"
import { conclude } from "./settle.ts"
import { addDecision } from "./store.ts"
import type { Decision } from "./types.ts"

/** Stands where a person's id does. */
const AUTOMATIC = "system-automatic" as PersonId

/**
 * Decides that a case is to be reported under 18 USC 2252A, for exact matches of lists that a standing authorisation
 * trusts. Nothing waits to be undone, and no second review is drawn: a person reviews the report afterwards.
 *
 * @throws {RequestError} `state_conflict` if the case is not open, is about test cards, or holds a find that is no exact
 *   match of a trusted list.
 */
export async function decideAutomatically(
  deps: ReviewDeps,
  changing: Change,
  caseId: string,
  standingId: string,
): Promise<CaseHead> {
  const head = await lockHead(changing.trx, caseId)
  if (head.state !== "open" || head.kind === "test" || head.danger) {
    throw new RequestError("state_conflict", "this case is not one to be decided without a person")
  }
  if ((await readFindStrengths(changing.trx, caseId)).some(({ strength }) => strength !== "exact")) {
    throw new RequestError("state_conflict", "a person must decide before anything follows from a near match", {
      details: { reason: "not-exact" },
    })
  }
  const givenAt = deps.clock.now()
  const decision: Decision = {
    decisionId: `decision-${randomUUID()}`,
    caseId: caseId as CaseId,
    stage: "first",
    by: AUTOMATIC,
    basis: "18-usc-2252a",
    category: undefined,
    danger: false,
    asksSecond: false,
    annotations: [],
    template: { id: "automatic-exact", locale: "en" },
    givenAt,
    finds: [],
  }
  const { decisionId, stage, by, basis, danger, annotations } = decision
  const at = givenAt.toISOString()
  const given = await applyEvents(changing, caseId, head, [
    {
      type: "case.decision-given",
      data: {
        decision: decisionId,
        stage,
        by,
        basis,
        danger,
        annotations,
        at,
        undoUntil: at,
        asksSecond: false,
        template: "automatic-exact",
        locale: "en",
      },
    },
  ])
  await addDecision(changing.trx, decision, undefined)
  changing.record({
    type: "case.decided-automatically",
    subject: caseId,
    data: { decision: decisionId, standing: standingId },
  })
  return conclude(deps, changing, given, decision, "none")
}
