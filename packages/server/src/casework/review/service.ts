/**
 * Review: people's decisions about cases.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Basis } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import { itemIdsOf, readCase, settlingCases } from "../cases/change-case.ts"
import type { CaseHead } from "../cases/state/head.ts"
import { isBlindOver } from "../cases/views.ts"
import { agreedJudgement, judgementOf } from "./agree.ts"
import { type Agreement, readAgreement } from "./agreement.ts"
import { decideCase, RATIONALE, undoLastDecision } from "./decide.ts"
import { decideImmediately, type ImmediateDecision } from "./decide-immediately.ts"
import { assertLogged } from "./logged.ts"
import { settleCase, waiveSecondReview } from "./settle.ts"
import { readDecisions, type SealedDecision } from "./store.ts"
import type { Decision, DecisionInput, ReviewDeps, SettledDecision } from "./types.ts"

/** A decision with its decrypted rationale; `undefined` if only a template gives the reason. */
export interface OpenedDecision extends Decision {
  readonly rationale: string | undefined
}

/**
 * Decides cases in at most three stages. A person's decision takes effect after 10 seconds unless it is undone.
 */
export interface ReviewService {
  /** Decides; see {@link decideCase}. */
  decide(person: PersonActor, caseId: string, input: DecisionInput): Promise<CaseHead>
  undo(person: PersonActor, caseId: string): Promise<CaseHead>
  waiveSecondReview(counsel: PersonActor, caseId: string, reason: string): Promise<CaseHead>
  /** Takes a decision that takes effect at once; see {@link decideImmediately}. */
  decideImmediately(
    tx: EventTransaction,
    head: CaseHead,
    decision: ImmediateDecision,
  ): Promise<{ readonly decisionId: string; readonly head: CaseHead }>
  /** Settles a pending decision whose time to undo is over; otherwise does nothing. */
  settle(caseId: string): Promise<void>
  settleAll(signal: AbortSignal): Promise<void>
  /**
   * The decisions of a case that this person may see, with rationales: before the case is decided, nobody sees another
   * person's.
   */
  decisionsFor(person: PersonActor, caseId: string): Promise<readonly OpenedDecision[]>
  /** The settled decision of the case; `undefined` while it is undecided. */
  decisionOf(db: Kysely<Tables>, caseId: string): Promise<SettledDecision | undefined>
  /** How often second reviewers agreed, between two times. */
  agreement(from: Date, to: Date): Promise<Agreement>
}

const SETTLE_PAGE = 500

/**
 * Rationales are sealed under the case's context key. Until a case is decided, people read only their own decisions.
 */
export function createReview(deps: ReviewDeps): ReviewService {
  const { db, contextKeys } = deps
  const opened = async (from: Kysely<Tables>, caseId: string, decisions: readonly SealedDecision[]) => {
    const written = decisions.map(({ sealed }) => sealed).filter((sealed) => sealed !== undefined)
    const rationales = await contextKeys.openMany(from, caseId, RATIONALE, written)
    return decisions.map(({ sealed, ...decision }) => ({
      ...decision,
      rationale: sealed === undefined ? undefined : textOf(rationales[written.indexOf(sealed)]),
    }))
  }
  return {
    decide: (person, caseId, input) => decideCase(deps, person, caseId, input),
    undo: (person, caseId) => undoLastDecision(deps, person, caseId),
    waiveSecondReview: (counsel, caseId, reason) => waiveSecondReview(deps, counsel, caseId, reason),
    decideImmediately: (tx, head, decision) => decideImmediately(deps, tx, head, decision),
    settle: (caseId) => settleCase(deps, caseId),
    settleAll: async (signal) => {
      const failures: unknown[] = []
      for (const caseId of await settlingCases(db, SETTLE_PAGE)) {
        if (signal.aborted) return
        // A case that cannot be settled does not stop the others.
        await settleCase(deps, caseId).catch((error: unknown) => failures.push(error))
      }
      if (failures.length > 0) throw failures[0]
    },
    decisionsFor: async (person, caseId) => {
      const head = await readCase(db, caseId)
      const decisions = await readDecisions(db, caseId)
      const open = head !== undefined && isBlindOver(head)
      return opened(db, caseId, open ? decisions : decisions.filter(({ by }) => by === person.id))
    },
    decisionOf: async (from, caseId) => {
      const head = await readCase(from, caseId)
      if (head?.decided === undefined) return undefined
      const { decision: decisionId, outcome, at, secondReview } = head.decided
      const decisions = await readDecisions(from, caseId)
      const settled = decisions.find((decision) => decision.decisionId === decisionId)
      if (settled === undefined) return undefined
      // Reports and preservation follow from this.
      await assertLogged(from, caseId, decisions)
      const first = secondReview === "agreed" ? decisions.find(({ stage }) => stage === "first") : undefined
      const [withRationale] = await opened(from, caseId, [settled])
      if (withRationale === undefined) return undefined
      const caseItems = (await itemIdsOf(from, caseId)).map((itemId) => {
        const judged = judgementOf(settled, itemId)
        return first === undefined ? judged : agreedJudgement(judgementOf(first, itemId), judged)
      })
      const annotations = settled.annotations.filter((each) => first === undefined || first.annotations.includes(each))
      const danger = head.danger || settled.danger
      return { ...withRationale, danger, outcome, decidedAt: new Date(at), secondReview, items: caseItems, annotations }
    },
    agreement: (from, to) => readAgreement(db, from, to),
  }
}

/** {@link decideCase} sealed a text. */
function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : ""
}

/** A person's decisions about a case, by basis, without undone ones. */
export async function readDecidedBases(db: Kysely<Tables>, caseId: string, person: string): Promise<readonly Basis[]> {
  return (await readDecisions(db, caseId)).filter(({ by }) => by === person).map(({ basis }) => basis)
}
