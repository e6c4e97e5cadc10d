/**
 * Repeats what was done to evidence after the backup that the database was restored from. Only keeping and destroying
 * are repeated, not lifting a hold or undoing an order.
 * @module
 */
import { compact } from "@nightlight/core"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { HoldReason } from "../../platform/db/tables/filing.ts"
import type { EventTransaction, TransactDeps } from "../../platform/events/transact.ts"
import type { SealedEvidence } from "../../platform/evidence-store/sealed-evidence.ts"
import { recordElsewhere } from "./service.ts"
import * as store from "./store.ts"

/** Dependencies of {@link createPreservationReplay}. */
export interface PreservationReplayDeps extends TransactDeps {
  readonly evidence: Pick<SealedEvidence, "remove">
  readonly contextKeys: ContextKeys
  /** Every sealed piece of a case. */
  readonly evidenceOf: (db: EventTransaction["trx"], caseId: string) => Promise<readonly string[]>
}

/** A hold that the custodian's journal knows and a restored database lost. */
export interface LostHold {
  readonly holdId: string
  readonly caseId: string
  readonly reason: HoldReason
  readonly requestId: string | undefined
  readonly until: Date | undefined
  readonly placedBy: string
  readonly placedAt: Date
}

/** Replays preservation. Each call may be repeated. */
export interface PreservationReplay {
  /** Deletes a sealed file again, and records that it is destroyed. */
  destroyed(tx: EventTransaction, evidenceId: string, caseId: string): Promise<void>
  /** Destroys the context of a case again. */
  contextDestroyed(tx: EventTransaction, caseId: string): Promise<void>
  /**
   * Places a hold again under its id. Its sealed reference (who requested it, by which letter) is lost with the rows.
   */
  replaceHold(tx: EventTransaction, hold: LostHold): Promise<void>
  /** Locks a case's evidence at least until a time. Returns how many pieces are locked. */
  locked(
    tx: EventTransaction,
    caseId: string,
    lock: { readonly until: Date; readonly reportId?: string },
  ): Promise<number>
}

/** Replaces a reference that was lost. */
const LOST_REFERENCE = "Placed again after a restore: who asked for it, by which letter, stands in no backup."

/** Creates the replay. It writes rows and events in the caller's transaction. */
export function createPreservationReplay(deps: PreservationReplayDeps): PreservationReplay {
  const { clock, evidence, contextKeys, evidenceOf } = deps
  return {
    destroyed: async ({ trx, record }, evidenceId, caseId) => {
      const now = clock.now()
      await store.lockRows(trx, caseId)
      await store.adoptEvidence(trx, caseId, [evidenceId], now)
      const moved = await store.moveTo(trx, evidenceId, ["kept", "locked", "clearing", "destroying"], {
        state: "destroyed",
        destroyed_at: now,
        changed_at: now,
      })
      if (moved) record({ type: "evidence.destroyed", subject: evidenceId, data: { case: caseId } })
      await evidence.remove(evidenceId)
    },
    contextDestroyed: async ({ trx, record }, caseId) => {
      await contextKeys.destroy(trx, caseId)
      record({ type: "case.context-destroyed", subject: caseId })
    },
    replaceHold: async ({ trx, record }, { holdId, caseId, reason, requestId, until, placedBy, placedAt }) => {
      if ((await store.readHold(trx, holdId)) !== undefined) return
      await store.adoptEvidence(trx, caseId, await evidenceOf(trx, caseId), clock.now())
      await store.lockRows(trx, caseId)
      await store.insertHold(trx, {
        hold_id: holdId,
        case_id: caseId,
        reason,
        request_id: requestId ?? null,
        until: until ?? null,
        reference: await contextKeys.seal(trx, caseId, `hold:${holdId}`, LOST_REFERENCE),
        placed_by: placedBy,
        placed_at: placedAt,
        lifted_by: null,
        lifted_at: null,
      })
      record({
        type: "hold.placed",
        subject: caseId,
        data: { hold: holdId, reason, request: requestId, until: until?.toISOString() },
      })
    },
    locked: async (tx, caseId, { until, reportId }) => {
      const { trx, record } = tx
      const kept = await evidenceOf(trx, caseId)
      await store.adoptEvidence(trx, caseId, kept, clock.now())
      await store.lockRows(trx, caseId)
      const locked = await store.lockEvidence(
        trx,
        kept,
        compact({
          until,
          reportId,
          now: clock.now(),
        }),
      )
      record({
        type: "preservation.locked",
        subject: caseId,
        data: { report: reportId, until: until.toISOString(), evidence: locked.length },
      })
      recordElsewhere(tx, caseId, locked, until)
      return locked.length
    },
  }
}
