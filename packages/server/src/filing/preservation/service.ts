/**
 * Preservation: decides what is kept until when.
 * @module
 */

import { randomUUID } from "node:crypto"
import { DAY_MS, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { HoldReason } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type Change, type ChangeDeps, change } from "../../platform/events/change.ts"
import type { FinishedReport } from "../reports/ports.ts"
import { type CameEvidence, followEvidence } from "./follow-evidence.ts"
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

/** What preservation works with. */
export interface PreservationDeps extends ChangeDeps {
  readonly contextKeys: ContextKeys
  /** Every sealed piece of a case, one for each place where its items were found. */
  readonly evidenceOf: (db: Kysely<Tables>, caseId: string) => Promise<readonly string[]>
  /** Those of them that no other case needs which is undecided, or to be reported. */
  readonly evidenceOfAlone: (db: Kysely<Tables>, caseId: string) => Promise<readonly string[]>
}

/** A hold as it is asked for. */
export interface HoldRequest {
  readonly reason: HoldReason
  /** Who asked, by which letter: sealed. */
  readonly reference: string
  readonly requestId?: string
  readonly until?: Date
}

/** Preservation. */
export interface PreservationService {
  /** Follows a finished report: a production report locks its case's evidence for a year; a test report does nothing. */
  reportFinished(change: Change, finished: FinishedReport): Promise<void>
  /** Follows a review that found nothing to report: its evidence goes within a week. */
  caseCleared(change: Change, caseId: string): Promise<void>
  /** Follows a piece of evidence that came to a case: where the case was decided before, it goes the others' way. */
  evidenceCame(change: Change, came: CameEvidence): Promise<void>
  ofCase(caseId: string): Promise<{ readonly evidence: readonly Preservation[]; readonly holds: readonly Hold[] }>
  list(query: store.PreservationQuery): Promise<readonly Preservation[]>
  /** One piece; `undefined` if nothing was decided of it yet. */
  find(evidenceId: string): Promise<Preservation | undefined>
  /** Which of some cases a hold is on now. */
  heldAmong(caseIds: readonly string[]): Promise<ReadonlySet<string>>
  /** Places a hold, in the caller's transaction: nothing of the case is destroyed while it lasts, requests and orders excepted. */
  hold(change: Change, actor: string, caseId: string, request: HoldRequest): Promise<string>
  /** Opens who asked for a hold; that it was read stands in the log first. Throws {@link RequestError} `not_found`. */
  readHold(actor: PersonActor, holdId: string): Promise<{ readonly hold: Hold; readonly reference: string }>
  /** @throws {RequestError} `not_found`; `state_conflict` if it was lifted. */
  lift(actor: PersonActor, holdId: string, why: LiftReason): Promise<void>
  /**
   * Keeps a case's evidence longer than its year (2258A(h)(5)).
   *
   * @throws {RequestError} `input_invalid` if the new end is not later; `not_found` if nothing of the case is kept.
   */
  extend(actor: PersonActor, caseId: string, until: Date): Promise<void>
  certificate(certificateId: string): Promise<string | undefined>
}

/** Makes the service. */
export function createPreservation(deps: PreservationDeps): PreservationService {
  const { db, clock, contextKeys } = deps
  const adopt = async ({ trx }: Change, caseId: string, others: readonly string[] = []): Promise<readonly string[]> => {
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
    reportFinished: async (under, { environment, caseId, reportId, evidenceIds, finishedAt }) => {
      if (environment !== "production") return
      await store.lockFates(under.trx)
      const kept = await adopt(under, caseId, evidenceIds)
      const until = addYears(finishedAt, LOCK_YEARS)
      const locked = await store.lockEvidence(under.trx, kept, { until, reportId, now: clock.now() })
      const data = { report: reportId, until: until.toISOString(), evidence: locked.length }
      under.record({ type: "preservation.locked", subject: caseId, data })
      recordElsewhere(under, caseId, locked, until)
    },
    caseCleared: async (under, caseId) => {
      await store.lockFates(under.trx)
      await adopt(under, caseId)
      const dates = clearingDates()
      const evidence = await store.clearEvidence(under.trx, await deps.evidenceOfAlone(under.trx, caseId), dates)
      under.record({
        type: "preservation.cleared",
        subject: caseId,
        data: { by: dates.by.toISOString(), evidence },
      })
    },
    evidenceCame: (under, came) => followEvidence(under, came, clearingDates()),
    ofCase: async (caseId) => ({ evidence: await store.ofCase(db, caseId), holds: await store.holdsOf(db, caseId) }),
    list: (query) => store.listPreservations(db, query),
    find: (evidenceId) => store.find(db, evidenceId),
    heldAmong: (caseIds) => store.heldAmong(db, caseIds, clock.now()),
    hold: async (under, actor, caseId, { reason, reference, requestId, until }) => {
      await adopt(under, caseId)
      // The job that destroys what was cleared comes before this hold, or after it and sees it.
      await store.lockRows(under.trx, caseId)
      const holdId = `hold-${randomUUID()}`
      await store.insertHold(under.trx, {
        hold_id: holdId,
        case_id: caseId,
        reason,
        request_id: requestId ?? null,
        until: until ?? null,
        reference: await contextKeys.seal(under.trx, caseId, `hold:${holdId}`, reference),
        placed_by: actor,
        placed_at: clock.now(),
        lifted_by: null,
        lifted_at: null,
      })
      under.record({
        type: "hold.placed",
        subject: caseId,
        data: { hold: holdId, reason, request: requestId, until: until?.toISOString() },
      })
      return holdId
    },
    readHold: async (actor, holdId) => {
      const { hold, reference } = await existingHold(db, holdId)
      await change(deps, actor.id, async ({ record }) => {
        record({ type: "hold.read", subject: hold.caseId, data: { hold: holdId } })
      })
      const opened = await contextKeys.open(db, hold.caseId, `hold:${holdId}`, reference)
      return { hold, reference: typeof opened === "string" ? opened : "" }
    },
    lift: (actor, holdId, why) =>
      change(deps, actor.id, async ({ trx, record }) => {
        const found = await existingHold(trx, holdId)
        if (!(await store.liftHold(trx, holdId, { by: actor.id, at: clock.now() }))) {
          throw new RequestError("state_conflict", "the hold was lifted before")
        }
        record({ type: "hold.lifted", subject: found.hold.caseId, data: { hold: holdId, why } })
      }),
    extend: (actor, caseId, until) =>
      change(deps, actor.id, async (under) => {
        const evidenceIds = await adopt(under, caseId)
        await store.lockRows(under.trx, caseId)
        const kept = (await store.ofCase(under.trx, caseId)).filter(
          ({ state }) => state === "kept" || state === "locked",
        )
        if (kept.length === 0) throw new RequestError("not_found", "nothing of this case is kept")
        const latest = kept.reduce(
          (end, { lockedUntil }) => Math.max(end, lockedUntil?.getTime() ?? 0),
          clock.now().getTime(),
        )
        if (until.getTime() <= latest)
          throw new RequestError("input_invalid", "the new end is not later than the old one")
        const locked = await store.lockEvidence(under.trx, evidenceIds, { until, now: clock.now() })
        const data = { until: until.toISOString(), evidence: locked.length }
        under.record({ type: "preservation.extended", subject: caseId, data })
        recordElsewhere(under, caseId, locked, until)
      }),
    certificate: (certificateId) => store.readCertificate(db, certificateId),
  }
}

/** What one case locks in another case's rows stands in the log under the evidence's own id. */
export function recordElsewhere(
  { record }: Change,
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
