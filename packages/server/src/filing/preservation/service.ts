/**
 * Preservation: decides which evidence is kept, and until when.
 * @module
 */

import { randomUUID } from "node:crypto"
import { DAY_MS, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { HoldReason } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { FinishedReport } from "../reports/ports.ts"
import { type ArrivedEvidence, followEvidence } from "./follow-evidence.ts"
import * as store from "./store.ts"
import {
  addYears,
  CLEAR_AFTER_DAYS,
  CLEAR_WITHIN_DAYS,
  type Hold,
  type LiftReason,
  LOCK_YEARS,
  type Preservation,
} from "./types.ts"

/** Dependencies of preservation. */
export interface PreservationDeps extends TransactDeps {
  readonly contextKeys: ContextKeys
  /** Every sealed piece of a case, one for each place where its items were found. */
  readonly evidenceOf: (db: Kysely<Tables>, caseId: string) => Promise<readonly string[]>
  /** Pieces of a case without those that another case needs which is undecided or to be reported. */
  readonly evidenceOfAlone: (db: Kysely<Tables>, caseId: string) => Promise<readonly string[]>
}

/** A requested hold. */
export interface HoldRequest {
  readonly reason: HoldReason
  /** Who requested it, by which letter: sealed. */
  readonly reference: string
  readonly requestId?: string
  readonly until?: Date
}

/** Decides what is kept, and until when. */
export interface PreservationService {
  /**
   * Called for a finished report: a production report locks its case's evidence for a year; a test report does nothing.
   */
  reportFinished(tx: EventTransaction, finished: FinishedReport): Promise<void>
  /** Called when a review found nothing to report: the evidence is destroyed within a week. */
  caseCleared(tx: EventTransaction, caseId: string): Promise<void>
  /** Called when a piece of evidence arrives: if the case was decided before, the decision applies to the piece too. */
  evidenceCame(tx: EventTransaction, came: ArrivedEvidence): Promise<void>
  ofCase(caseId: string): Promise<{ readonly evidence: readonly Preservation[]; readonly holds: readonly Hold[] }>
  list(query: store.PreservationQuery): Promise<readonly Preservation[]>
  /** One piece; `undefined` if no preservation is recorded for it yet. */
  find(evidenceId: string): Promise<Preservation | undefined>
  /** Which of these cases are on hold now. */
  casesOnHold(caseIds: readonly string[]): Promise<ReadonlySet<string>>
  /**
   * Places a hold, in the caller's transaction: while it lasts, nothing of the case is destroyed except by request or
   * order.
   */
  hold(tx: EventTransaction, actor: string, caseId: string, request: HoldRequest): Promise<string>
  /** Opens the reference of a hold, after recording that it is read. Throws {@link RequestError} `not_found`. */
  readHold(actor: PersonActor, holdId: string): Promise<{ readonly hold: Hold; readonly reference: string }>
  /** @throws {RequestError} `not_found`; `state_conflict` if it was lifted. */
  lift(actor: PersonActor, holdId: string, why: LiftReason): Promise<void>
  /**
   * Keeps a case's evidence longer than its year (2258A(h)(5)).
   *
   * @throws {RequestError} `input_invalid` if the new end is not later; `not_found` if no evidence of the case is
   *   preserved.
   */
  extend(actor: PersonActor, caseId: string, until: Date): Promise<void>
  certificate(certificateId: string): Promise<string | undefined>
}

/** A production report locks evidence for a year from its end. A report to the test host locks nothing. */
export function createPreservation(deps: PreservationDeps): PreservationService {
  const { db, clock, contextKeys } = deps
  const adopt = async (
    { trx }: EventTransaction,
    caseId: string,
    others: readonly string[] = [],
  ): Promise<readonly string[]> => {
    const evidenceIds = [...new Set([...(await deps.evidenceOf(trx, caseId)), ...others])]
    await store.adoptEvidence(trx, caseId, evidenceIds, clock.now())
    return evidenceIds
  }
  const existingHold = async (on: Kysely<Tables>, holdId: string) => {
    const found = await store.readHold(on, holdId)
    if (found === undefined) throw new RequestError("not_found", "there is no such hold")
    return found
  }
  const clearingDates = () => {
    const now = clock.now()
    const later = (days: number) => new Date(now.getTime() + days * DAY_MS)
    return { after: later(CLEAR_AFTER_DAYS), by: later(CLEAR_WITHIN_DAYS), now }
  }

  return {
    reportFinished: async (tx, { environment, caseId, reportId, evidenceIds, finishedAt }) => {
      if (environment !== "production") return
      await store.lockDestructionDecisions(tx.trx)
      const kept = await adopt(tx, caseId, evidenceIds)
      const until = addYears(finishedAt, LOCK_YEARS)
      const locked = await store.lockEvidence(tx.trx, kept, { until, reportId, now: clock.now() })
      const data = { report: reportId, until: until.toISOString(), evidence: locked.length }
      tx.record({ type: "preservation.locked", subject: caseId, data })
      recordElsewhere(tx, caseId, locked, until)
    },
    caseCleared: async (tx, caseId) => {
      await store.lockDestructionDecisions(tx.trx)
      await adopt(tx, caseId)
      const dates = clearingDates()
      const evidence = await store.clearEvidence(tx.trx, await deps.evidenceOfAlone(tx.trx, caseId), dates)
      tx.record({
        type: "preservation.cleared",
        subject: caseId,
        data: { by: dates.by.toISOString(), evidence },
      })
    },
    evidenceCame: (tx, came) => followEvidence(tx, came, clearingDates()),
    ofCase: async (caseId) => ({
      evidence: await store.preservationsOfCase(db, caseId),
      holds: await store.holdsOf(db, caseId),
    }),
    list: (query) => store.listPreservations(db, query),
    find: (evidenceId) => store.findPreservation(db, evidenceId),
    casesOnHold: (caseIds) => store.casesOnHold(db, caseIds, clock.now()),
    hold: async (tx, actor, caseId, { reason, reference, requestId, until }) => {
      await adopt(tx, caseId)
      // The job that destroys cleared evidence either came before this hold, or comes later and sees it.
      await store.lockRows(tx.trx, caseId)
      const holdId = `hold-${randomUUID()}`
      await store.insertHold(tx.trx, {
        hold_id: holdId,
        case_id: caseId,
        reason,
        request_id: requestId ?? null,
        until: until ?? null,
        reference: await contextKeys.seal(tx.trx, caseId, `hold:${holdId}`, reference),
        placed_by: actor,
        placed_at: clock.now(),
        lifted_by: null,
        lifted_at: null,
      })
      tx.record({
        type: "hold.placed",
        subject: caseId,
        data: { hold: holdId, reason, request: requestId, until: until?.toISOString() },
      })
      return holdId
    },
    readHold: async (actor, holdId) => {
      const { hold, reference } = await existingHold(db, holdId)
      await transact(deps, actor.id, async ({ record }) => {
        record({ type: "hold.read", subject: hold.caseId, data: { hold: holdId } })
      })
      const opened = await contextKeys.open(db, hold.caseId, `hold:${holdId}`, reference)
      return { hold, reference: typeof opened === "string" ? opened : "" }
    },
    lift: (actor, holdId, why) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const found = await existingHold(trx, holdId)
        if (!(await store.liftHold(trx, holdId, { by: actor.id, at: clock.now() }))) {
          throw new RequestError("state_conflict", "the hold was already lifted")
        }
        record({ type: "hold.lifted", subject: found.hold.caseId, data: { hold: holdId, why } })
      }),
    extend: (actor, caseId, until) =>
      transact(deps, actor.id, async (tx) => {
        const evidenceIds = await adopt(tx, caseId)
        await store.lockRows(tx.trx, caseId)
        const kept = (await store.preservationsOfCase(tx.trx, caseId)).filter(
          ({ state }) => state === "kept" || state === "locked",
        )
        if (kept.length === 0) throw new RequestError("not_found", "no evidence of this case is preserved")
        const latest = kept.reduce(
          (end, { lockedUntil }) => Math.max(end, lockedUntil?.getTime() ?? 0),
          clock.now().getTime(),
        )
        if (until.getTime() <= latest)
          throw new RequestError("input_invalid", "the new end is not later than the old one")
        const locked = await store.lockEvidence(tx.trx, evidenceIds, { until, now: clock.now() })
        const data = { until: until.toISOString(), evidence: locked.length }
        tx.record({ type: "preservation.extended", subject: caseId, data })
        recordElsewhere(tx, caseId, locked, until)
      }),
    certificate: (certificateId) => store.readCertificate(db, certificateId),
  }
}

/** A lock that one case puts on another case's rows is recorded under the evidence's own id. */
export function recordElsewhere(
  { record }: EventTransaction,
  caseId: string,
  locked: readonly Preservation[],
  until: Date,
): void {
  for (const { evidenceId, caseId: row } of locked) {
    if (row === caseId) continue
    record({
      type: "preservation.locked",
      subject: evidenceId,
      data: { case: row, by: caseId, until: until.toISOString() },
    })
  }
}
