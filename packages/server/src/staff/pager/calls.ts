/**
 * The state of each pager call: queued, failed so far, delivered, or not made because no pager is set up. Answers that
 * say whether somebody was called are read from here.
 * @module
 */
import { randomUUID } from "node:crypto"
import type { Kysely, Selectable, Transaction } from "kysely"
import type { PagerCode, PagerTables } from "../../platform/db/tables/staff.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { Alarms } from "../alarms/service.ts"
import type { PagerCall } from "./types.ts"

const SYSTEM = "system-pager"

/** Pager calls in `pager_calls`: they tell whether anybody was reached. */
export interface PagerCalls {
  /** Records a call, in the transaction that causes it. */
  open(
    tx: EventTransaction,
    call: { readonly code: PagerCode; readonly subject: string; readonly isSet: boolean },
  ): Promise<PagerCall>
  /** Records that a pager accepted a call; a second time changes nothing. */
  recordAccepted(callId: string): Promise<void>
  /**
   * Records that a pager did not accept a call, with one of our own codes; the first failure of a call raises an alarm.
   */
  failed(callId: string, fault: string): Promise<void>
  /** The last call about a subject; `undefined` if there was none. */
  about(subject: string): Promise<PagerCall | undefined>
  /** The last call made because a child may be in danger. */
  last(): Promise<PagerCall | undefined>
}

/** Each call is a row of `pager_calls` and, at every change, an event about its subject. */
export function createPagerCalls(deps: TransactDeps & { readonly alarms: Pick<Alarms, "raise"> }): PagerCalls {
  const { db, clock } = deps
  return {
    open: async ({ trx, record }, { code, subject, isSet }) => {
      const call: PagerCall = {
        callId: `call-${randomUUID()}`,
        state: isSet ? "queued" : "none",
        subject,
        at: clock.now(),
        tries: 0,
        fault: undefined,
        acceptedAt: undefined,
      }
      const row = { call_id: call.callId, code, subject, state: call.state, at: call.at, tries: 0 }
      await trx
        .insertInto("pager_calls")
        .values({ ...row, fault: null, accepted_at: null })
        .execute()
      record({ type: isSet ? "pager.queued" : "pager.not-set", subject, data: { call: call.callId, code } })
      return call
    },
    recordAccepted: (callId) =>
      transact(deps, SYSTEM, async ({ trx, record }) => {
        const call = await lockCall(trx, callId)
        if (call === undefined || call.state === "accepted") return
        const accepted = { state: "accepted", accepted_at: clock.now(), tries: call.tries + 1 } as const
        await trx.updateTable("pager_calls").set(accepted).where("call_id", "=", callId).execute()
        record({ type: "pager.accepted", subject: call.subject, data: { call: callId, tries: accepted.tries } })
      }),
    failed: (callId, fault) =>
      transact(deps, SYSTEM, async (tx) => {
        const { trx, record } = tx
        const call = await lockCall(trx, callId)
        if (call === undefined) return
        const { subject } = call
        const tries = call.tries + 1
        const state = call.state === "accepted" ? "accepted" : "failing"
        await trx.updateTable("pager_calls").set({ state, tries, fault }).where("call_id", "=", callId).execute()
        if (call.fault !== undefined) return
        record({ type: "pager.failed", subject, data: { call: callId, fault } })
        await deps.alarms.raise(tx, { code: "pager-failed", subject, data: { call: callId, fault } })
      }),
    about: (subject) => readLast(db, { subject }),
    last: () => readLast(db, { code: "imminent-danger" }),
  }
}

async function lockCall(trx: Transaction<Tables>, callId: string): Promise<PagerCall | undefined> {
  const row = await trx
    .selectFrom("pager_calls")
    .selectAll()
    .where("call_id", "=", callId)
    .forUpdate()
    .executeTakeFirst()
  return row && toCall(row)
}

async function readLast(
  db: Kysely<Tables>,
  { subject, code }: { readonly subject?: string; readonly code?: PagerCode },
): Promise<PagerCall | undefined> {
  let query = db.selectFrom("pager_calls").selectAll().orderBy("at", "desc").orderBy("call_id").limit(1)
  if (code !== undefined) query = query.where("code", "=", code)
  if (subject !== undefined) query = query.where("subject", "=", subject)
  const row = await query.executeTakeFirst()
  return row && toCall(row)
}

function toCall(row: Selectable<PagerTables["pager_calls"]>): PagerCall {
  return {
    callId: row.call_id,
    state: row.state,
    subject: row.subject,
    at: row.at,
    tries: row.tries,
    fault: row.fault ?? undefined,
    acceptedAt: row.accepted_at ?? undefined,
  }
}
