/**
 * Settles a decision once it can no longer be undone: it becomes final, or a second person decides, or two decisions
 * are compared. The second person never sees the first decision.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { PersonActor, PersonId } from "../../platform/auth/actor.ts"
import { type EventTransaction, transact } from "../../platform/events/transact.ts"
import { changeCase, itemIdsOf, lockCase } from "../cases/change-case.ts"
import { applyDanger } from "../cases/danger.ts"
import type { CaseEvent } from "../cases/state/events.ts"
import type { CaseHead } from "../cases/state/head.ts"
import { dueAfter } from "../cases/state/knowledge.ts"
import type { CaseId } from "../cases/types.ts"
import { differences } from "./agree.ts"
import { isUndoOver } from "./decide.ts"
import { assertLogged } from "./logged.ts"
import { secondReviewReasons } from "./rules.ts"
import { readDecisions } from "./store.ts"
import { type DecidedCase, type Decision, isLegalBasis, outcomeOf, type ReviewDeps } from "./types.ts"

const SYSTEM = "system-review"

/** Settles a case's pending decision if its time to undo is over. Safe to call at any time, any number of times. */
export async function settleCase(deps: ReviewDeps, caseId: string): Promise<void> {
  await transact(deps, SYSTEM, async (tx) => {
    const head = await lockCase(tx.trx, caseId)
    const { pending } = head
    if (pending === undefined || !isUndoOver(pending.undoUntil, deps.clock.now())) return
    const decisions = await readDecisions(tx.trx, caseId)
    const given = decisions.find(({ decisionId }) => decisionId === pending.decision)
    if (given === undefined) return
    await assertLogged(tx.trx, caseId, decisions)
    const known = await settleKnowledge(deps, tx, head, given)
    const first = decisions.find(({ stage }) => stage === "first")
    if (given.stage === "first") await settleFirst(deps, tx, known, given)
    else if (given.stage === "resolution") await concludeCase(deps, tx, known, given, "resolved")
    else if (first !== undefined) await compare(deps, tx, known, first, given)
  })
}

/**
 * Makes a first decision to report final if nobody is available for the second review: a report must not wait for an
 * opinion.
 *
 * @throws {RequestError} `state_conflict` if the case does not wait for a second review, or is not to be reported.
 */
export async function waiveSecondReview(
  deps: ReviewDeps,
  counsel: PersonActor,
  caseId: string,
  reason: string,
): Promise<CaseHead> {
  return transact(deps, counsel.id, async (tx) => {
    const head = await lockCase(tx.trx, caseId)
    const first = (await readDecisions(tx.trx, caseId)).find(({ stage }) => stage === "first")
    if (head.state !== "second-review" || first === undefined || !isLegalBasis(first.basis)) {
      throw new RequestError("state_conflict", "only a report that waits for a second review can proceed without it", {
        details: { caseId, state: head.state },
      })
    }
    await assertLogged(tx.trx, caseId, [first])
    const waived: CaseEvent = { type: "case.second-review-waived", data: { by: counsel.id, reason } }
    return concludeCase(deps, tx, await changeCase(tx, caseId, head, [waived]), first, "waived")
  })
}

async function settleKnowledge(
  deps: ReviewDeps,
  tx: EventTransaction,
  head: CaseHead,
  given: Decision,
): Promise<CaseHead> {
  let next = head
  if (isLegalBasis(given.basis)) {
    const at = given.givenAt.toISOString()
    const data = { how: "person", at, dueAt: dueAfter(at) } as const
    next = await changeCase(tx, head.caseId, next, [{ type: "case.knowledge-recorded", data }])
  }
  return given.danger ? applyDanger(deps, tx, next, given.by) : next
}

async function settleFirst(deps: ReviewDeps, tx: EventTransaction, head: CaseHead, given: Decision): Promise<CaseHead> {
  const { digests, config } = deps
  const why = secondReviewReasons(head, given.basis, {
    digests,
    rate: config.secondReviewSampling,
    isRequested: given.requestsSecondReview,
  })
  if (why.length === 0) return concludeCase(deps, tx, head, given, "none")
  const { decisionId, givenAt } = given
  return changeCase(tx, head.caseId, head, [
    {
      type: "case.second-review-requested",
      // The same whatever was decided: a deadline must not reveal the first decision to the second person.
      data: { decision: decisionId, why, dueAt: dueAfter(givenAt.toISOString()) },
    },
  ])
}

async function compare(
  deps: ReviewDeps,
  tx: EventTransaction,
  head: CaseHead,
  first: Decision,
  second: Decision,
): Promise<CaseHead> {
  const differ = differences(first, second, await itemIdsOf(tx.trx, head.caseId))
  if (differ.length === 0) return concludeCase(deps, tx, head, second, "agreed")
  const data = { first: first.decisionId, second: second.decisionId, differ }
  return changeCase(tx, head.caseId, head, [{ type: "case.disagreed", data }])
}

/** Makes a decision the outcome of the case, with all consequences. */
export async function concludeCase(
  deps: ReviewDeps,
  tx: EventTransaction,
  head: CaseHead,
  given: Decision,
  secondReview: DecidedCase["secondReview"],
): Promise<CaseHead> {
  const { decisionId, basis, by } = given
  const outcome = outcomeOf(basis)
  const decidedAt = deps.clock.now()
  const next = await changeCase(tx, head.caseId, head, [
    {
      type: "case.decided",
      data: { decision: decisionId, basis, outcome, by, secondReview, at: decidedAt.toISOString() },
    },
  ])
  const decided: DecidedCase = {
    caseId: head.caseId as CaseId,
    decisionId,
    basis,
    outcome,
    danger: next.danger,
    decidedBy: by as PersonId,
    decidedAt,
    knowledgeAt: toDate(next.knowledgeAt),
    dueAt: toDate(next.dueAt),
    secondReview,
    test: next.kind === "test",
  }
  for (const follow of deps.decided) await follow(tx, decided)
  return next
}

function toDate(iso: string | undefined): Date | undefined {
  return iso === undefined ? undefined : new Date(iso)
}
