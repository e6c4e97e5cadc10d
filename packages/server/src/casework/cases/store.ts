/**
 * SQL of cases, items and their places. A case changes only under its row's lock and only by {@link applyEvents}: the
 * row is the projection of its events, written in the same transaction.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { Kysely, Selectable, Transaction } from "kysely"
import { lockUntilEnd } from "../../platform/db/advisory-lock.ts"
import type { CaseKind, CaseTables } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import { type CaseEvent, toAuditData } from "./state/events.ts"
import { ITEMS_PER_CASE } from "./state/grouping.ts"
import { applyToHead, type CaseHead } from "./state/head.ts"
import { toHead, toRow } from "./state/head-row.ts"
import type { AttachedItem, CaseId, CaseItem, ItemEvidence, ItemId } from "./types.ts"

/** Reads a case; `undefined` if there is none with this id. */
export async function readHead(db: Kysely<Tables>, caseId: string): Promise<CaseHead | undefined> {
  const row = await db.selectFrom("cases").selectAll().where("case_id", "=", caseId).executeTakeFirst()
  return row && toHead(row)
}

/**
 * Reads a case and locks it until the transaction ends.
 *
 * @throws {RequestError} `not_found`.
 */
export async function lockHead(trx: Transaction<Tables>, caseId: string): Promise<CaseHead> {
  const row = await trx.selectFrom("cases").selectAll().where("case_id", "=", caseId).forUpdate().executeTakeFirst()
  if (row === undefined) throw new RequestError("not_found", "there is no such case", { details: { caseId } })
  return toHead(row)
}

/**
 * Changes a case: records the events and writes the state that they project to.
 *
 * @param head - As {@link lockHead} returned it in this transaction; `undefined` for a case that the first event opens.
 * @returns The new state.
 */
export async function applyEvents(
  { trx, record }: EventTransaction,
  caseId: string,
  head: CaseHead | undefined,
  events: readonly CaseEvent[],
): Promise<CaseHead> {
  let next = head
  for (const event of events) {
    record({ type: event.type, subject: caseId, data: toAuditData(event) })
    next = applyToHead(next, event, caseId)
  }
  if (next === undefined) throw new RequestError("not_found", "there is no such case", { details: { caseId } })
  const row = toRow(next)
  if (head === undefined) await trx.insertInto("cases").values(row).execute()
  else await trx.updateTable("cases").set(row).where("case_id", "=", caseId).execute()
  return next
}

/** Lets one transaction at a time decide which case an item or a group joins; held until it ends. */
export async function lockKey(trx: Transaction<Tables>, key: string): Promise<void> {
  await lockUntilEnd(trx, "case-key", key)
}

/** The case and item that a finding was attached to when it was pushed before. */
export async function readAttached(
  db: Kysely<Tables>,
  source: string,
  findingId: string,
): Promise<AttachedItem | undefined> {
  const row = await db
    .selectFrom("item_locations")
    .select(["case_id", "item_id"])
    .where("source", "=", source)
    .where("finding_id", "=", findingId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return { caseId: row.case_id as CaseId, itemId: row.item_id as ItemId, newCase: false, knownItem: true }
}

/** The undecided case of a kind that already has an item, locked; the oldest of several. */
export async function lockCaseOfItem(trx: Transaction<Tables>, kind: CaseKind, itemKey: string) {
  const row = await trx
    .selectFrom("cases")
    .innerJoin("case_items", "case_items.case_id", "cases.case_id")
    .selectAll("cases")
    .select([
      "case_items.item_id",
      "case_items.locations as places",
      "case_items.strength as item_strength",
      "case_items.content",
    ])
    .where("case_items.item_key", "=", itemKey)
    .where("cases.kind", "=", kind)
    .where("cases.state", "<>", "decided")
    .orderBy("cases.opened_at")
    .orderBy("cases.case_id")
    .limit(1)
    .forUpdate("cases")
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { item_id: itemId, places, item_strength: strength, content } = row
  return { head: toHead(row), itemId: itemId as ItemId, places, strength, content: content ?? undefined }
}

/** The open case of a group that has room for more items, locked. */
export async function lockCaseOfGroup(trx: Transaction<Tables>, group: string): Promise<CaseHead | undefined> {
  const row = await trx
    .selectFrom("cases")
    .selectAll()
    .where("group_key", "=", group)
    .where("state", "=", "open")
    .where("items", "<", ITEMS_PER_CASE)
    .orderBy("opened_at")
    .orderBy("case_id")
    .limit(1)
    .forUpdate()
    .executeTakeFirst()
  return row && toHead(row)
}

/** The case in which an item was last decided. */
export async function findDecidedCase(trx: Transaction<Tables>, itemKey: string): Promise<CaseId | undefined> {
  const row = await trx
    .selectFrom("case_items")
    .innerJoin("cases", "cases.case_id", "case_items.case_id")
    .select("cases.case_id")
    .where("case_items.item_key", "=", itemKey)
    .where("cases.state", "=", "decided")
    .orderBy("cases.decided_at", "desc")
    .limit(1)
    .executeTakeFirst()
  return row?.case_id as CaseId | undefined
}

/** Items of a case in order of attachment. */
export async function readItems(
  db: Kysely<Tables>,
  caseId: string,
  { after = -1, limit = ITEMS_PER_CASE }: { readonly after?: number; readonly limit?: number } = {},
): Promise<readonly CaseItem[]> {
  const rows = await db
    .selectFrom("case_items")
    .selectAll()
    .where("case_id", "=", caseId)
    .where("position", ">", after)
    .orderBy("position")
    .limit(limit)
    .execute()
  return rows.map(toItem)
}

/** Reads an item of a case; `undefined` if the case has none with this id. */
export async function readItem(db: Kysely<Tables>, caseId: string, itemId: string): Promise<CaseItem | undefined> {
  const row = await db
    .selectFrom("case_items")
    .selectAll()
    .where("case_id", "=", caseId)
    .where("item_id", "=", itemId)
    .executeTakeFirst()
  return row && toItem(row)
}

function toItem(row: Selectable<CaseTables["case_items"]>): CaseItem {
  return {
    itemId: row.item_id as ItemId,
    caseId: row.case_id as CaseId,
    position: row.position,
    itemKey: row.item_key,
    strength: row.strength,
    mediaType: row.media_type,
    sizeBytes: Number(row.size_bytes),
    digests: row.digests,
    verdict: row.verdict,
    rule: row.rule,
    matches: row.matches,
    evidence: evidenceOf(row),
    knownCase: (row.known_case ?? undefined) as CaseId | undefined,
    locations: row.locations,
    attachedAt: row.attached_at,
  }
}

function evidenceOf(row: Selectable<CaseTables["case_items"]>): ItemEvidence | undefined {
  const { evidence_id: evidenceId, ciphertext_sha256: ciphertextSha256, content } = row
  if (evidenceId === null || ciphertextSha256 === null || content === null) return undefined
  return { evidenceId, ciphertextSha256, content, contentBytes: Number(row.content_bytes) }
}

/** Maximum number of other cases of a group that a report or a page names. */
const SIBLINGS = 50

/** Other cases of the same account, or of the same dataset and host, that were reported, latest first. */
export async function readFiledSiblings(
  db: Kysely<Tables>,
  { caseId, group }: Pick<CaseHead, "caseId" | "group">,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("cases")
    .select("case_id")
    .where("group_key", "=", group)
    .where("case_id", "<>", caseId)
    .where("filed_at", "is not", null)
    .orderBy("filed_at", "desc")
    .limit(SIBLINGS)
    .execute()
  return rows.map(({ case_id }) => case_id)
}

/** Other cases of the same account, or of the same dataset and host, whatever their outcome, newest first. */
export async function readSiblings(
  db: Kysely<Tables>,
  { caseId, group }: Pick<CaseHead, "caseId" | "group">,
): Promise<readonly CaseHead[]> {
  const rows = await db
    .selectFrom("cases")
    .selectAll()
    .where("group_key", "=", group)
    .where("case_id", "<>", caseId)
    .orderBy("opened_at", "desc")
    .orderBy("case_id")
    .limit(SIBLINGS)
    .execute()
  return rows.map(toHead)
}
