/**
 * Evidence that arrives for a case that was decided before: it is kept or destroyed with the rest.
 * @module
 */
import type { EventTransaction } from "../../platform/events/transact.ts"
import * as store from "./store.ts"

/** A piece of evidence that arrived, and the case of its item. */
export interface ArrivedEvidence {
  readonly caseId: string
  readonly evidenceId: string
}

const GOING: readonly string[] = ["clearing", "destroying", "destroyed"]

/**
 * Applies the case's decision to a piece of evidence, in the transaction that verifies its finding: it is locked if the
 * case was reported, and destroyed if it was cleared; a piece that another case was to destroy is kept for this one.
 * For an undecided case it does nothing.
 */
export async function followEvidence(
  { trx, record }: EventTransaction,
  { caseId, evidenceId }: ArrivedEvidence,
  { after, by, now }: { readonly after: Date; readonly by: Date; readonly now: Date },
): Promise<void> {
  await store.lockDestructionDecisions(trx)
  const before = await store.lockPiece(trx, evidenceId)
  if (before !== undefined && before.state !== "clearing" && before.state !== "destroyed") return
  if (before !== undefined && before.caseId !== caseId) {
    await store.moveTo(trx, evidenceId, [before.state], { ...BLANK, case_id: caseId, state: "kept", changed_at: now })
    record({ type: "preservation.clearing-cancelled", subject: evidenceId, data: { case: caseId } })
    return
  }
  if (before?.state === "clearing") return
  const others = (await store.preservationsOfCase(trx, caseId)).filter((other) => other.evidenceId !== evidenceId)
  const locks = others.flatMap(({ lockedUntil, state }) =>
    state === "locked" && lockedUntil !== undefined ? [lockedUntil.getTime()] : [],
  )
  const isGoing = before !== undefined || (others.length > 0 && others.every(({ state }) => GOING.includes(state)))
  if (locks.length === 0 && !isGoing) return
  await store.adoptEvidence(trx, caseId, [evidenceId], now)
  await store.moveTo(trx, evidenceId, ["destroyed"], { ...BLANK, state: "kept", changed_at: now })
  if (locks.length > 0) await store.lockEvidence(trx, [evidenceId], { until: new Date(Math.max(...locks)), now })
  else await store.clearEvidence(trx, [evidenceId], { after, by, now })
  record({ type: "preservation.followed", subject: evidenceId, data: { case: caseId, locked: locks.length > 0 } })
}

const BLANK = { destroy_after: null, destroy_by: null, certificate_id: null, destroyed_at: null } as const
