/**
 * SQL that writes items and their places.
 * @module
 */
import { type Kysely, sql, type Transaction } from "kysely"
import type { KnownMatch, Strength } from "../../../platform/db/tables/casework.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import type { CaseId, IncomingItem, ItemEvidence, ItemId, ItemStrength } from "../types.ts"

/** An item to insert; `position` is its order of attachment, from 0. */
export interface NewItem {
  readonly item: IncomingItem
  readonly itemId: ItemId
  readonly caseId: CaseId
  readonly position: number
  readonly strength: Strength
  readonly matches: readonly KnownMatch[]
  readonly knownCase: CaseId | undefined
  readonly at: string
}

/** Inserts an item; {@link addLocation} inserts its first place. */
export async function insertItem(trx: Transaction<Tables>, added: NewItem): Promise<void> {
  const { item: caseItem, itemId, caseId, position, strength, matches, knownCase, at } = added
  const { evidence } = caseItem
  await trx
    .insertInto("case_items")
    .values({
      item_id: itemId,
      case_id: caseId,
      position,
      item_key: caseItem.itemKey,
      strength,
      media_type: caseItem.mediaType,
      size_bytes: String(caseItem.sizeBytes),
      digests: caseItem.digests,
      verdict: caseItem.verdict.decision,
      rule: caseItem.verdict.rule,
      matches: JSON.stringify(matches),
      ...evidenceColumns(evidence),
      known_case: knownCase ?? null,
      locations: 1,
      attached_at: new Date(at),
    })
    .execute()
}

/** Counts one more place of an item, which may raise the item's strength. */
export async function strengthenItem(trx: Transaction<Tables>, itemId: ItemId, strength: Strength): Promise<void> {
  await trx
    .updateTable("case_items")
    .set({ strength, locations: sql<number>`locations + 1` })
    .where("item_id", "=", itemId)
    .execute()
}

/** Overwrites the evidence columns of a row of `case_items`. The earlier sealed file is not deleted. */
export async function setEvidence(trx: Transaction<Tables>, itemId: ItemId, evidence: ItemEvidence): Promise<void> {
  await trx.updateTable("case_items").set(evidenceColumns(evidence)).where("item_id", "=", itemId).execute()
}

/** A place to insert. */
export interface NewLocation {
  readonly caseId: CaseId
  readonly itemId: ItemId
  readonly source: string
  readonly findingId: string
  readonly scan: string | undefined
  readonly position: number
  readonly foundAt: Date
  readonly at: string
  readonly sealed: Buffer
}

/** Inserts a row of `item_locations`. {@link strengthenItem} counts it, not this. */
export async function addLocation(trx: Transaction<Tables>, added: NewLocation): Promise<void> {
  const { caseId, itemId, source, findingId, scan, position, foundAt, at, sealed } = added
  await trx
    .insertInto("item_locations")
    .values({
      source,
      finding_id: findingId,
      item_id: itemId,
      case_id: caseId,
      scan: scan ?? null,
      position,
      sealed,
      found_at: foundAt,
      attached_at: new Date(at),
    })
    .execute()
}

function evidenceColumns(evidence: ItemEvidence | undefined) {
  return {
    evidence_id: evidence?.evidenceId ?? null,
    ciphertext_sha256: evidence?.ciphertextSha256 ?? null,
    content: evidence?.content ?? null,
    content_bytes: evidence === undefined ? null : String(evidence.contentBytes),
  }
}

/** Records a sealed piece that came with an item. Returns whether the case did not have it. */
export async function addEvidence(
  trx: Transaction<Tables>,
  { caseId, itemId, evidenceId }: { readonly caseId: string; readonly itemId: ItemId; readonly evidenceId: string },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("item_evidence")
    .values({ case_id: caseId, item_id: itemId, evidence_id: evidenceId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

/** Ids of all sealed pieces of a case, in order. */
export async function readEvidenceIds(db: Kysely<Tables>, caseId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("item_evidence")
    .select("evidence_id")
    .where("case_id", "=", caseId)
    .orderBy("evidence_id")
    .execute()
  return rows.map(({ evidence_id }) => evidence_id)
}

/** Ids of the sealed pieces that came with some items of a case, in order. */
export async function readEvidenceIdsOf(
  db: Kysely<Tables>,
  caseId: string,
  itemIds: readonly string[],
): Promise<readonly string[]> {
  if (itemIds.length === 0) return []
  const rows = await db
    .selectFrom("item_evidence")
    .select("evidence_id")
    .where("case_id", "=", caseId)
    .where("item_id", "in", itemIds)
    .orderBy("evidence_id")
    .execute()
  return rows.map(({ evidence_id }) => evidence_id)
}

/**
 * Ids of a case's sealed pieces, in order, without those that an item of another case needs which is undecided or to be
 * reported: if one workspace is enrolled twice, it pushes the same sealed file for two cases.
 */
export async function readEvidenceIdsAlone(db: Kysely<Tables>, caseId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("item_evidence")
    .select("evidence_id")
    .where("case_id", "=", caseId)
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom("case_items")
            .innerJoin("cases", "cases.case_id", "case_items.case_id")
            .select("case_items.item_id")
            .whereRef("case_items.evidence_id", "=", "item_evidence.evidence_id")
            .where("case_items.case_id", "<>", caseId)
            .where((or) => or.or([or("cases.state", "<>", "decided"), or("cases.outcome", "=", "reportable")])),
        ),
      ),
    )
    .orderBy("evidence_id")
    .execute()
  return rows.map(({ evidence_id }) => evidence_id)
}

/** A case's items with their strengths, in order of attachment. */
export async function readItemStrengths(db: Kysely<Tables>, caseId: string): Promise<readonly ItemStrength[]> {
  const rows = await db
    .selectFrom("case_items")
    .select(["item_id", "strength"])
    .where("case_id", "=", caseId)
    .orderBy("position")
    .execute()
  return rows.map(({ item_id, strength }) => ({ itemId: item_id as ItemId, strength }))
}

/** Ids of a case's items in order of attachment. */
export async function readItemIds(db: Kysely<Tables>, caseId: string): Promise<readonly ItemId[]> {
  const rows = await db
    .selectFrom("case_items")
    .select("item_id")
    .where("case_id", "=", caseId)
    .orderBy("position")
    .execute()
  return rows.map(({ item_id }) => item_id as ItemId)
}

/** A piece of evidence and its sealed file's SHA-256. */
export interface SealedPiece {
  readonly evidenceId: string
  readonly ciphertextSha256: string
}

/** Sealed files of pieces of evidence, each once. */
export async function readSealed(db: Kysely<Tables>, evidenceIds: readonly string[]): Promise<readonly SealedPiece[]> {
  if (evidenceIds.length === 0) return []
  const rows = await db
    .selectFrom("case_items")
    .select(["evidence_id", "ciphertext_sha256"])
    .distinct()
    .where("evidence_id", "in", evidenceIds)
    .execute()
  return rows.flatMap(({ evidence_id: evidenceId, ciphertext_sha256: ciphertextSha256 }) =>
    evidenceId === null || ciphertextSha256 === null ? [] : [{ evidenceId, ciphertextSha256 }],
  )
}
