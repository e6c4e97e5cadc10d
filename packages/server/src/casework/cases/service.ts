/**
 * The interface of cases to the rest of the server.
 * @module
 */
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import { claimCase, claimNextCase, releaseClaim, renewClaim } from "./claims/claims.ts"
import { type Contexts, createContexts } from "./context.ts"
import { applyDanger, type CallState, flagDanger } from "./danger.ts"
import { attachItem } from "./items/attach.ts"
import {
  readEvidenceIds,
  readEvidenceIdsAlone,
  readEvidenceIdsOf,
  readSealed,
  type SealedPiece,
} from "./items/item-store.ts"
import { type ListOutcome, readListOutcomes } from "./items/list-outcomes.ts"
import { readFoundAt } from "./items/location-store.ts"
import type { CasesDeps } from "./ports.ts"
import { type DueFor, readDueFor, readUnfiled } from "./queue/due-store.ts"
import {
  countCases,
  type QueueCounts,
  type QueueFilter,
  type QueueKey,
  type QueuePage,
  readInDanger,
  readQueue,
} from "./queue/queue-store.ts"
import type { CaseHead } from "./state/head.ts"
import { CLOCK_RULES, knowledgeOfPerson } from "./state/knowledge.ts"
import { applyEvents, lockHead, readFiledSiblings, readHead, readItem, readItems, readSiblings } from "./store.ts"
import type { AttachedItem, CaseItem, IncomingItem, UnfiledCase } from "./types.ts"

/** Cases: attaching items, listing, claiming, reading. */
export interface CasesService {
  /** Attaches an item; see {@link attachItem}. */
  attach(tx: EventTransaction, caseItem: IncomingItem): Promise<AttachedItem>
  /** @param from - The transaction to read in: reading outside of it would need a second connection. */
  get(caseId: string, from?: Kysely<Tables>): Promise<CaseHead | undefined>
  /** In order of attachment. `from` as in {@link get}. */
  items(
    caseId: string,
    page?: { readonly after?: number; readonly limit?: number },
    from?: Kysely<Tables>,
  ): Promise<readonly CaseItem[]>
  item(caseId: string, itemId: string): Promise<CaseItem | undefined>
  /** Ids of all sealed pieces of a case, whichever place they came with. */
  evidenceOf(db: Kysely<Tables>, caseId: string): Promise<readonly string[]>
  /** As {@link evidenceOf}, for some items of the case. */
  evidenceOfItems(db: Kysely<Tables>, caseId: string, itemIds: readonly string[]): Promise<readonly string[]>
  /** Verified sealed files of pieces of evidence; only those that some item has now. */
  sealedOf(db: Kysely<Tables>, evidenceIds: readonly string[]): Promise<readonly SealedPiece[]>
  /** As {@link evidenceOf}, without pieces that another case needs which is undecided or to be reported. */
  evidenceOfAlone(db: Kysely<Tables>, caseId: string): Promise<readonly string[]>
  list(filter: QueueFilter, page: { readonly after: QueueKey | undefined; readonly limit: number }): Promise<QueuePage>
  counts(person: string): Promise<QueueCounts>
  /** Cases that a person may decide now, by deadline, then those without one in order of the queue. */
  dueFor(due: Omit<DueFor, "without">): Promise<readonly CaseHead[]>
  /** Cases that were decided as reportable and are not filed, nearest deadline first. */
  unfiled(limit: number): Promise<readonly UnfiledCase[]>
  claim(person: PersonActor, caseId: string, version: number): Promise<CaseHead>
  claimNext(person: PersonActor): Promise<CaseHead | undefined>
  renew(person: PersonActor, caseId: string): Promise<CaseHead>
  release(person: PersonActor, caseId: string): Promise<CaseHead>
  /** Flags imminent danger and pages a person if a pager is set up; a second flag changes nothing. */
  flagDanger(person: PersonActor, caseId: string): Promise<CaseHead>
  /**
   * As {@link flagDanger}, in the caller's transaction and in the name of the person who flagged it before a restore.
   */
  flagDangerAgain(tx: EventTransaction, caseId: string, by: string): Promise<void>
  /** Undecided cases that were flagged, in order of the queue. */
  inDanger(limit: number): Promise<readonly CaseHead[]>
  /** Whether anybody can be paged, whom to telephone, and the state of the call about a case. */
  callAbout(caseId: string): Promise<CallState>
  /** Other cases of the same account, or of the same dataset and host, that were reported; the latest 50. */
  filedSiblings(head: Pick<CaseHead, "caseId" | "group">, from?: Kysely<Tables>): Promise<readonly string[]>
  /** Other cases of the same account, or of the same dataset and host, whatever their outcome; the newest 50. */
  siblings(head: Pick<CaseHead, "caseId" | "group">): Promise<readonly CaseHead[]>
  /** Outcomes of each list's matches, by name. */
  listOutcomes(): Promise<readonly ListOutcome[]>
  /** When a source found the first of a case's places, by the source's own clock. */
  foundAt(caseId: string): Promise<Date | undefined>
  /** Starts a case's clock when a person attested to have viewed a whole file of it, if the rules say so. */
  noteViewed(tx: EventTransaction, caseId: string): Promise<void>
  /** The context compartment of a case. */
  readonly contexts: Contexts
  /**
   * Records that a production report of the case was finished, which stops the case's clock. A second call changes
   * nothing.
   *
   * @throws {RequestError} `not_found`.
   */
  markFiled(
    tx: EventTransaction,
    caseId: string,
    filed: { readonly reportId: string; readonly at: Date },
  ): Promise<void>
}

/** Calls with a transaction or a `from` among their arguments read in it; all others use a connection of the pool. */
export function createCases(deps: CasesDeps): CasesService {
  const { db, clock } = deps
  return {
    attach: (tx, caseItem) => attachItem(deps, tx, caseItem),
    get: (caseId, from = db) => readHead(from, caseId),
    items: (caseId, page, from = db) => readItems(from, caseId, page),
    item: (caseId, itemId) => readItem(db, caseId, itemId),
    evidenceOf: (from, caseId) => readEvidenceIds(from, caseId),
    evidenceOfItems: (from, caseId, itemIds) => readEvidenceIdsOf(from, caseId, itemIds),
    sealedOf: (from, evidenceIds) => readSealed(from, evidenceIds),
    evidenceOfAlone: (from, caseId) => readEvidenceIdsAlone(from, caseId),
    list: (filter, page) => readQueue(db, filter, { ...page, now: clock.now() }),
    counts: (person) => countCases(db, person, clock.now()),
    dueFor: async (due) => {
      const without = await deps.optOuts.optOutCategories(due.person, db)
      return readDueFor(db, { ...due, without }, clock.now())
    },
    unfiled: (limit) => readUnfiled(db, limit),
    claim: (person, caseId, version) => claimCase(deps, person, caseId, version),
    claimNext: (person) => claimNextCase(deps, person),
    renew: (person, caseId) => renewClaim(deps, person, caseId),
    release: (person, caseId) => releaseClaim(deps, person, caseId),
    flagDanger: (person, caseId) => flagDanger(deps, person, caseId),
    flagDangerAgain: async (tx, caseId, by) => {
      await applyDanger(deps, tx, await lockHead(tx.trx, caseId), by)
    },
    inDanger: (limit) => readInDanger(db, limit),
    callAbout: async (caseId) => ({ onCall: deps.pager.onCall, call: await deps.pager.callAbout(caseId) }),
    filedSiblings: (head, from = db) => readFiledSiblings(from, head),
    siblings: (head) => readSiblings(db, head),
    listOutcomes: () => readListOutcomes(db),
    foundAt: (caseId) => readFoundAt(db, caseId),
    noteViewed: async (tx, caseId) => {
      if (!(deps.clockRules ?? CLOCK_RULES).attestedView) return
      const head = await lockHead(tx.trx, caseId)
      const data = knowledgeOfPerson(head, clock.now().toISOString())
      if (data !== undefined) await applyEvents(tx, caseId, head, [{ type: "case.knowledge-recorded", data }])
    },
    contexts: createContexts(deps),
    markFiled: async (tx, caseId, { reportId, at }) => {
      const head = await lockHead(tx.trx, caseId)
      if (head.filedAt !== undefined) return
      await applyEvents(tx, caseId, head, [{ type: "case.filed", data: { report: reportId, at: at.toISOString() } }])
    },
  }
}
