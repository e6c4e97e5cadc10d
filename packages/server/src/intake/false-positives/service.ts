import { randomUUID } from "node:crypto"
import type { FalsePositiveBody, FalsePositiveQuery } from "@nightlight/contract/server"
import { RequestError } from "@nightlight/core"
import type { KeyedDigest } from "@nightlight/vault"
import type { z } from "zod"
import type { CasesService } from "../../casework/cases/service.ts"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { can } from "../../platform/auth/permissions.ts"
import type { Basis } from "../../platform/db/tables/casework.ts"
import type { FalsePositiveState } from "../../platform/db/tables/intake.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { Approvals } from "../../staff/approvals/service.ts"
import type { LiveIndex } from "../lists/live-index.ts"
import { findEntries } from "./find-entries.ts"
import {
  countFalsePositives,
  findFalsePositive,
  insertFalsePositive,
  listFalsePositives,
  lockFalsePositives,
  writeState,
} from "./store.ts"
import { FALSE_POSITIVE_APPROVAL, type FalsePositive } from "./types.ts"

/** Dependencies of {@link createFalsePositives}. */
export interface FalsePositiveDeps extends TransactDeps {
  readonly digests: KeyedDigest
  readonly index: Pick<LiveIndex, "use">
  readonly cases: Pick<CasesService, "get" | "item" | "contexts">
  /** A person's decisions about a case, by basis, without undone ones. */
  readonly decidedBases: (caseId: string, person: string) => Promise<readonly Basis[]>
  readonly approvals: Pick<Approvals, "request">
  /** Verifies findings again that were denied as known false positives. */
  readonly reopenSuppressed: (tx: EventTransaction) => Promise<void>
}

/** False positives: matches that a reviewer found to be wrong. */
export interface FalsePositives {
  /**
   * Opens a false positive for a list's match of an item.
   *
   * @throws {RequestError} `not_found`; `state_conflict` unless the case is decided to be no violation, if one is open
   *   or accepted for this match, or if nothing of the item is stored any more; `forbidden` unless the caller decided
   *   the case so; `input_invalid` if no match of the item is of that list, or it is a test card.
   * @throws {DependencyError} `unavailable` while no index is live.
   */
  open(actor: PersonActor, list: string, body: FalsePositiveBody): Promise<FalsePositive>
  /** Newest first, at most 200. */
  list(query: z.infer<typeof FalsePositiveQuery>): Promise<readonly FalsePositive[]>
  /**
   * Withdraws an open false positive, as the person who opened it or one who may request its suppression. Throws
   * `state_conflict`, `forbidden`.
   */
  withdraw(actor: PersonActor, falsePositiveId: string): Promise<FalsePositive>
  /** Requests the approval that makes it a known false positive. Throws as {@link Approvals.request}. */
  requestSuppression(
    actor: PersonActor,
    falsePositiveId: string,
  ): Promise<{ readonly falsePositive: FalsePositive; readonly approval: string }>
  /** Ends a known false positive: one person is enough, as screening only becomes stricter. Throws `state_conflict`. */
  end(actor: PersonActor, falsePositiveId: string): Promise<FalsePositive>
  /**
   * Ends a known false positive again that a restore brought back, in the caller's transaction; any other stays as it
   * is.
   */
  endAgain(tx: EventTransaction, falsePositiveId: string, by: string): Promise<void>
  /** Number of false positives of each list, by state. */
  counts(): Promise<readonly { readonly list: string; readonly state: FalsePositiveState; readonly count: number }[]>
}

/** Ending a false positive reopens, in the same transaction, the findings that it suppressed. */
export function createFalsePositives(deps: FalsePositiveDeps): FalsePositives {
  const { db, clock, approvals } = deps

  const must = async (from: typeof db, falsePositiveId: string, lock = false): Promise<FalsePositive> => {
    const falsePositive = await findFalsePositive(from, falsePositiveId, lock)
    if (falsePositive === undefined) throw new RequestError("not_found", "there is no such false positive")
    return falsePositive
  }
  const moved = async (
    { trx, record }: EventTransaction,
    falsePositive: FalsePositive,
    to: { readonly state: FalsePositiveState; readonly by: string; readonly type: string },
  ): Promise<FalsePositive> => {
    const at = clock.now()
    await writeState(trx, falsePositive.falsePositiveId, { state: to.state, by: to.by, at })
    record({
      type: to.type,
      subject: falsePositive.falsePositiveId,
      data: { list: falsePositive.list, case: falsePositive.caseId },
    })
    return { ...falsePositive, state: to.state, changedBy: to.by, changedAt: at }
  }
  const ended = async (tx: EventTransaction, falsePositive: FalsePositive, by: string): Promise<FalsePositive> => {
    await lockFalsePositives(tx.trx)
    await deps.reopenSuppressed(tx)
    return moved(tx, falsePositive, { state: "ended", by, type: "list.false-positive-ended" })
  }
  const assertState = ({ state }: FalsePositive, expected: FalsePositiveState): void => {
    if (state === expected) return
    throw new RequestError("state_conflict", `this false positive is not ${expected}`, { details: { state } })
  }

  return {
    open: (actor, list, body) => openFalsePositive(deps, actor, list, body),
    list: (query) => listFalsePositives(db, query),
    counts: () => countFalsePositives(db),
    withdraw: (actor, falsePositiveId) =>
      transact(deps, actor.id, async (tx) => {
        const falsePositive = await must(tx.trx, falsePositiveId, true)
        if (falsePositive.openedBy !== actor.id && !can(actor, "false-positive:suppress")) {
          throw new RequestError(
            "forbidden",
            "only the person who opened a false positive, or one who may settle it, withdraws it",
          )
        }
        assertState(falsePositive, "open")
        return moved(tx, falsePositive, { state: "withdrawn", by: actor.id, type: "false-positive.withdrawn" })
      }),
    requestSuppression: (actor, falsePositiveId) =>
      transact(deps, actor.id, async (tx) => {
        const falsePositive = await must(tx.trx, falsePositiveId, true)
        const { list, caseId, itemId } = falsePositive
        const approval = await approvals.request(tx, actor, FALSE_POSITIVE_APPROVAL, falsePositiveId, {
          list,
          caseId,
          itemId,
        })
        return { falsePositive, approval: approval.id }
      }),
    end: (actor, falsePositiveId) =>
      transact(deps, actor.id, async (tx) => {
        const falsePositive = await must(tx.trx, falsePositiveId, true)
        assertState(falsePositive, "accepted")
        return ended(tx, falsePositive, actor.id)
      }),
    endAgain: async (tx, falsePositiveId, by) => {
      const falsePositive = await findFalsePositive(tx.trx, falsePositiveId, true)
      if (falsePositive?.state === "accepted") await ended(tx, falsePositive, by)
    },
  }
}

async function openFalsePositive(
  deps: FalsePositiveDeps,
  actor: PersonActor,
  list: string,
  { caseId, itemId, reason }: FalsePositiveBody,
): Promise<FalsePositive> {
  const { db, clock, cases, index, digests, decidedBases } = deps
  const head = await cases.get(caseId)
  const caseItem = head === undefined ? undefined : await cases.item(caseId, itemId)
  if (head === undefined || caseItem === undefined) throw new RequestError("not_found", "there is no such item")
  if (head.decided?.outcome !== "not-violation") {
    throw new RequestError("state_conflict", "decide the case as no violation before you report a false positive")
  }
  if (!(await decidedBases(caseId, actor.id)).includes("not-violation")) {
    throw new RequestError("forbidden", "only a person who judged the case to be no violation reports a false positive")
  }
  const onList = caseItem.matches.filter((match) => match.list === list)
  if (onList.length === 0) throw new RequestError("input_invalid", "no match of this item is of that list")
  if (onList.some(({ trust }) => trust === "test")) {
    throw new RequestError("input_invalid", "a test card is meant to match: it is no false positive")
  }
  const places = await cases.contexts.openOf(db, caseId, itemId).catch((error: unknown) => {
    if (!(error instanceof RequestError)) throw error
    throw new RequestError("state_conflict", "the stored data of this item were destroyed: it cannot be matched again")
  })
  const entries = await index.use(async (live) => findEntries({ item: caseItem, places, list }, live, digests))
  const falsePositive: FalsePositive = {
    falsePositiveId: `false-positive-${randomUUID()}`,
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
    if (!(await insertFalsePositive(trx, falsePositive, entries))) {
      throw new RequestError("state_conflict", "a false positive of this match is already on record")
    }
    record({
      type: "false-positive.opened",
      subject: falsePositive.falsePositiveId,
      data: { list, case: caseId, item: itemId, code: reason, entries: falsePositive.entries },
    })
  })
  return falsePositive
}
