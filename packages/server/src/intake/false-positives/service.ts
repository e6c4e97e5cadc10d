import { randomUUID } from "node:crypto"
import type { DisputeBody, DisputeQuery } from "@nightlight/contract/server"
import { RequestError } from "@nightlight/core"
import type { KeyedDigest } from "@nightlight/vault"
import type { z } from "zod"
import type { CasesService } from "../../casework/cases/service.ts"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { can } from "../../platform/auth/permissions.ts"
import type { Basis } from "../../platform/db/tables/casework.ts"
import type { DisputeState } from "../../platform/db/tables/intake.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { Approvals } from "../../staff/approvals/service.ts"
import type { LiveIndex } from "../lists/live-index.ts"
import { findEntries } from "./find-entries.ts"
import { countDisputes, findDispute, insertDispute, listDisputes, lockFalsePositives, writeState } from "./store.ts"
import { type Dispute, FALSE_POSITIVE_APPROVAL } from "./types.ts"

/** What {@link createDisputes} works with. */
export interface DisputeDeps extends TransactDeps {
  readonly digests: KeyedDigest
  readonly index: Pick<LiveIndex, "use">
  readonly cases: Pick<CasesService, "get" | "item" | "contexts">
  /** What a person decided of a case, by basis, as far as it stands. */
  readonly basesOf: (caseId: string, person: string) => Promise<readonly Basis[]>
  readonly approvals: Pick<Approvals, "request">
  /** Lets what was passed over as a false positive be looked at again. */
  readonly reopenSuppressed: (tx: EventTransaction) => Promise<void>
}

/** Disputes of what lists matched. */
export interface Disputes {
  /**
   * Disputes a list's match of an item.
   *
   * @throws {RequestError} `not_found`; `state_conflict` unless the case is decided to be no violation, or where a dispute
   *   of this match stands, or nothing is kept of the item; `forbidden` unless the caller decided so; `input_invalid` where
   *   the item rests on no match of that list, or on test cards.
   * @throws {DependencyError} `unavailable` while no index is live.
   */
  open(actor: PersonActor, list: string, body: DisputeBody): Promise<Dispute>
  /** Newest first, at most 200. */
  list(query: z.infer<typeof DisputeQuery>): Promise<readonly Dispute[]>
  /** Takes an open dispute back: who opened it, or who may ask for a false positive. Throws `state_conflict`, `forbidden`. */
  withdraw(actor: PersonActor, disputeId: string): Promise<Dispute>
  /** Asks for the approval that makes it a known false positive. Throws as {@link Acts.ask}. */
  requestFalsePositive(
    actor: PersonActor,
    disputeId: string,
  ): Promise<{ readonly dispute: Dispute; readonly approval: string }>
  /** Ends a false positive: one person is enough, as screening only becomes stricter. Throws `state_conflict`. */
  end(actor: PersonActor, disputeId: string): Promise<Dispute>
  /** Ends a false positive again that a restore brought back, in the caller's transaction; any other dispute stays as it is. */
  endAgain(tx: EventTransaction, disputeId: string, by: string): Promise<void>
  /** How many disputes of each list stand where. */
  counts(): Promise<readonly { readonly list: string; readonly state: DisputeState; readonly disputes: number }[]>
}

/** Makes the service. */
export function createDisputes(deps: DisputeDeps): Disputes {
  const { db, clock, approvals } = deps

  const must = async (from: typeof db, disputeId: string, lock = false): Promise<Dispute> => {
    const dispute = await findDispute(from, disputeId, lock)
    if (dispute === undefined) throw new RequestError("not_found", "there is no such dispute")
    return dispute
  }
  const moved = async (
    { trx, record }: EventTransaction,
    dispute: Dispute,
    to: { readonly state: DisputeState; readonly by: string; readonly type: string },
  ): Promise<Dispute> => {
    const at = clock.now()
    await writeState(trx, dispute.disputeId, { state: to.state, by: to.by, at })
    record({ type: to.type, subject: dispute.disputeId, data: { list: dispute.list, case: dispute.caseId } })
    return { ...dispute, state: to.state, changedBy: to.by, changedAt: at }
  }
  const ended = async (tx: EventTransaction, dispute: Dispute, by: string): Promise<Dispute> => {
    await lockFalsePositives(tx.trx)
    await deps.reopenSuppressed(tx)
    return moved(tx, dispute, { state: "ended", by, type: "list.false-positive-ended" })
  }
  const assertState = ({ state }: Dispute, expected: DisputeState): void => {
    if (state === expected) return
    throw new RequestError("state_conflict", `this dispute is not ${expected}`, { details: { state } })
  }

  return {
    open: (actor, list, body) => openDispute(deps, actor, list, body),
    list: (query) => listDisputes(db, query),
    counts: () => countDisputes(db),
    withdraw: (actor, disputeId) =>
      transact(deps, actor.id, async (tx) => {
        const dispute = await must(tx.trx, disputeId, true)
        if (dispute.openedBy !== actor.id && !can(actor, "list:false-positive")) {
          throw new RequestError("forbidden", "a dispute is taken back by who opened it, or who may settle it")
        }
        assertState(dispute, "open")
        return moved(tx, dispute, { state: "withdrawn", by: actor.id, type: "dispute.withdrawn" })
      }),
    requestFalsePositive: (actor, disputeId) =>
      transact(deps, actor.id, async (tx) => {
        const dispute = await must(tx.trx, disputeId, true)
        const { list, caseId, itemId } = dispute
        const approval = await approvals.request(tx, actor, FALSE_POSITIVE_APPROVAL, disputeId, {
          list,
          caseId,
          itemId,
        })
        return { dispute, approval: approval.id }
      }),
    end: (actor, disputeId) =>
      transact(deps, actor.id, async (tx) => {
        const dispute = await must(tx.trx, disputeId, true)
        assertState(dispute, "accepted")
        return ended(tx, dispute, actor.id)
      }),
    endAgain: async (tx, disputeId, by) => {
      const dispute = await findDispute(tx.trx, disputeId, true)
      if (dispute?.state === "accepted") await ended(tx, dispute, by)
    },
  }
}

async function openDispute(
  deps: DisputeDeps,
  actor: PersonActor,
  list: string,
  { caseId, itemId, reason }: DisputeBody,
): Promise<Dispute> {
  const { db, clock, cases, index, digests, basesOf } = deps
  const head = await cases.get(caseId)
  const caseItem = head === undefined ? undefined : await cases.item(caseId, itemId)
  if (head === undefined || caseItem === undefined) throw new RequestError("not_found", "there is no such item")
  if (head.decided?.outcome !== "not-violation") {
    throw new RequestError("state_conflict", "what is disputed was decided to be no violation before")
  }
  if (!(await basesOf(caseId, actor.id)).includes("not-violation")) {
    throw new RequestError("forbidden", "a match is disputed by who judged the case to be no violation")
  }
  const onList = caseItem.matches.filter((match) => match.list === list)
  if (onList.length === 0) throw new RequestError("input_invalid", "this item rests on no match of that list")
  if (onList.some(({ trust }) => trust === "test")) {
    throw new RequestError("input_invalid", "a test card is meant to match: nobody disputes it")
  }
  const places = await cases.contexts.openOf(db, caseId, itemId).catch((error: unknown) => {
    if (!(error instanceof RequestError)) throw error
    throw new RequestError("state_conflict", "what was kept of this item is destroyed: nothing can be matched again")
  })
  const entries = await index.use(async (live) => findEntries({ item: caseItem, places, list }, live, digests))
  const dispute: Dispute = {
    disputeId: `dispute-${randomUUID()}`,
    list,
    caseId,
    itemId,
    reason,
    state: "open",
    bar: entries.bar,
    entries: entries.entryKeys.length,
    openedBy: actor.id,
    openedAt: clock.now(),
    changedBy: undefined,
    changedAt: undefined,
  }
  await transact(deps, actor.id, async ({ trx, record }) => {
    if (!(await insertDispute(trx, dispute, entries))) {
      throw new RequestError("state_conflict", "this match is disputed already")
    }
    record({
      type: "dispute.opened",
      subject: dispute.disputeId,
      data: { list, case: caseId, item: itemId, code: reason, entries: dispute.entries },
    })
  })
  return dispute
}
