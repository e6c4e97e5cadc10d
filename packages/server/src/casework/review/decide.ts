/**
 * Makes and undoes decisions. A decision takes effect after ten seconds.
 * @module
 */
import { randomUUID } from "node:crypto"
import { compact, RequestError } from "@nightlight/core"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Stage } from "../../platform/db/tables/casework.ts"
import { transact } from "../../platform/events/transact.ts"
import { changeCase, itemStrengthsOf, lockCase } from "../cases/change-case.ts"
import { assertHolder, assertIndependent, assertTrained, caseChangedError } from "../cases/claims/claims.ts"
import type { CaseEvent } from "../cases/state/events.ts"
import type { CaseHead } from "../cases/state/head.ts"
import type { CaseId, ItemStrength } from "../cases/types.ts"
import { addDecision, undoDecision } from "./store.ts"
import { assertRationale } from "./template.ts"
import {
  type Decision,
  type DecisionInput,
  isLegalBasis,
  type JudgedItem,
  type ReviewDeps,
  SETTLE_DECISION,
} from "./types.ts"

/** How long a decision can be undone. */
export const UNDO_MS = 10_000

/** Purpose under which a rationale is sealed. */
export const RATIONALE = "rationale"

/**
 * Decides a case that the person holds.
 *
 * @throws {RequestError} `state_conflict` if the person does not hold the case, it changed meanwhile, or it is not
 *   waiting for a decision; `forbidden`, `second_person_required`, `input_invalid`.
 */
export async function decideCase(
  deps: ReviewDeps,
  person: PersonActor,
  caseId: string,
  input: DecisionInput,
): Promise<CaseHead> {
  await assertTrained(deps, person)
  return transact(deps, person.id, async (tx) => {
    const head = await lockCase(tx.trx, caseId)
    const now = deps.clock.now()
    assertHolder(head, person, now)
    if (head.version !== input.version) throw caseChangedError(head)
    assertIndependent(head, person)
    const known = await itemStrengthsOf(tx.trx, caseId)
    const decision = toDecision(head, person, { ...input, items: judgedItems(input, known) }, now)
    assertSound(head, decision, known)
    await assertRationale(tx.trx, head, person.id, { decision: { ...input, items: decision.items }, known })
    const undoUntil = new Date(now.getTime() + UNDO_MS)
    const next = await changeCase(tx, caseId, head, eventsOf(decision, undoUntil))
    const sealed =
      input.rationale === undefined
        ? undefined
        : await deps.contextKeys.seal(tx.trx, caseId, RATIONALE, input.rationale)
    await addDecision(tx.trx, decision, sealed)
    const { decisionId } = decision
    await deps.jobs.enqueue(tx.trx, SETTLE_DECISION, { caseId }, { startAfter: undoUntil, singletonKey: decisionId })
    return next
  })
}

/**
 * Undoes a decision that has not taken effect yet.
 *
 * @throws {RequestError} `state_conflict` if it is too late, or the decision is somebody else's.
 */
export async function undoLastDecision(deps: ReviewDeps, person: PersonActor, caseId: string): Promise<CaseHead> {
  return transact(deps, person.id, async (tx) => {
    const head = await lockCase(tx.trx, caseId)
    const now = deps.clock.now()
    const { pending } = head
    if (pending === undefined || head.deciders[pending.stage] !== person.id || isUndoOver(pending.undoUntil, now)) {
      throw new RequestError("state_conflict", "you have no decision here that can still be undone", {
        details: { caseId, state: head.state },
      })
    }
    await undoDecision(tx.trx, pending.decision, now)
    return changeCase(tx, caseId, head, [
      { type: "case.decision-undone", data: { decision: pending.decision, by: person.id } },
    ])
  })
}

/** Whether the time to undo is over. An end later than any undo could have now was set by a clock set back since. */
export function isUndoOver(undoUntil: string, now: Date): boolean {
  const leftMs = Date.parse(undoUntil) - now.getTime()
  return leftMs <= 0 || leftMs > UNDO_MS
}

const STAGES: Readonly<Partial<Record<CaseHead["state"], Stage>>> = {
  open: "first",
  "second-review": "second",
  resolution: "resolution",
}

function toDecision(head: CaseHead, person: PersonActor, input: DecisionInput, now: Date): Decision {
  const stage = STAGES[head.state]
  if (stage === undefined) {
    throw new RequestError("state_conflict", "this case is not waiting for a decision", {
      details: { caseId: head.caseId, state: head.state },
    })
  }
  const { basis, category, annotations, imminentDanger, requestsSecondReview, template, items: caseItems } = input
  return {
    decisionId: `decision-${randomUUID()}`,
    caseId: head.caseId as CaseId,
    stage,
    by: person.id,
    basis,
    category,
    danger: imminentDanger,
    requestsSecondReview,
    annotations,
    template,
    givenAt: now,
    items: caseItems,
  }
}

/**
 * Gives a decision's judgement of each item that does not follow the default. A file on a trusted list is in a report
 * unless a person excludes it. Every other item is excluded until a person includes it by name; this is recorded, so
 * that a match that becomes exact later does not change the decision.
 */
function judgedItems(
  { basis, items: caseItems }: DecisionInput,
  known: readonly ItemStrength[],
): readonly JudgedItem[] {
  if (!isLegalBasis(basis)) return caseItems
  const named = new Set(caseItems.map(({ itemId }) => itemId))
  const left = known.filter(({ itemId, strength }) => strength !== "exact" && !named.has(itemId))
  return [
    ...caseItems,
    ...left.map(({ itemId }) => ({
      itemId,
      included: false,
      classification: undefined,
      category: undefined,
      annotations: [],
    })),
  ]
}

function assertSound(
  { kind, caseId }: CaseHead,
  { basis, items: caseItems }: Pick<DecisionInput, "basis" | "items">,
  known: readonly ItemStrength[],
): void {
  const ids = new Set(known.map(({ itemId }) => itemId))
  const named = caseItems.map(({ itemId }) => itemId)
  if (new Set(named).size !== named.length || named.some((itemId) => !ids.has(itemId))) {
    throw new RequestError("input_invalid", "a decision can only name items of its case, each once", {
      details: { caseId },
    })
  }
  if (!isLegalBasis(basis)) {
    if (caseItems.some(({ included }) => included)) {
      throw new RequestError("input_invalid", "only a decision to report can include items", { details: { caseId } })
    }
    return
  }
  if (kind === "test") {
    throw new RequestError("input_invalid", "test cards cannot be reported", { details: { caseId } })
  }
  const excluded = caseItems.filter(({ included }) => !included).length
  if (excluded === known.length) {
    throw new RequestError("input_invalid", "a report must include at least one item", {
      details: { caseId },
      hint: "Only exact matches of a trusted list are included by default: name each other item that is to be reported.",
    })
  }
}

function eventsOf(decision: Decision, undoUntil: Date): readonly CaseEvent[] {
  const {
    decisionId,
    stage,
    by,
    basis,
    danger,
    category,
    requestsSecondReview,
    annotations,
    template,
    givenAt,
    items: caseItems,
  } = decision
  const given: CaseEvent = {
    type: "case.decision-given",
    data: compact({
      decision: decisionId,
      stage,
      by,
      basis,
      danger,
      requestsSecondReview,
      annotations,
      at: givenAt.toISOString(),
      category,
      template: template?.id,
      locale: template?.locale,
      undoUntil: undoUntil.toISOString(),
    }),
  }
  const judged = caseItems.map(
    ({ itemId, included, classification, category: itemCategory, annotations: notes }): CaseEvent => ({
      type: "item.judged",
      data: compact({
        decision: decisionId,
        item: itemId,
        included,
        annotations: notes,
        classification,
        category: itemCategory,
      }),
    }),
  )
  return [given, ...judged]
}
