/**
 * SQL that writes finds and their places.
 * @module
 */
import { type Kysely, sql, type Transaction } from "kysely"
import type { KnownMatch, Strength } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { CaseId, FindEvidence, FindId, FindStrength, IncomingFind } from "./types.ts"

/** A find as it is first written. */
export interface NewFind {
  readonly find: IncomingFind
  readonly findId: FindId
  readonly caseId: CaseId
  readonly position: number
  readonly strength: Strength
  readonly matches: readonly KnownMatch[]
  readonly knownCase: CaseId | undefined
  readonly at: string
}

/** Writes a find; its first place comes by {@link addLocation}. */
export async function addFind(trx: Transaction<Tables>, added: NewFind): Promise<void> {
  const { find, findId, caseId, position, strength, matches, knownCase, at } = added
  const { evidence } = find
  await trx
    .insertInto("finds")
    .values({
      find_id: findId,
      case_id: caseId,
      position,
      item_key: find.itemKey,
      strength,
      media_type: find.mediaType,
      size_bytes: String(find.sizeBytes),
      digests: find.digests,
      verdict: find.verdict.decision,
      rule: find.verdict.rule,
      matches: JSON.stringify(matches),
      ...evidenceColumns(evidence),
      known_case: knownCase ?? null,
      locations: 1,
      attached_at: new Date(at),
    })
    .execute()
}

/** Counts one more place of a find, which may be known more strongly by it. */
export async function strengthenFind(trx: Transaction<Tables>, findId: FindId, strength: Strength): Promise<void> {
  await trx
    .updateTable("finds")
    .set({ strength, locations: sql<number>`locations + 1` })
    .where("find_id", "=", findId)
    .execute()
}

/** Gives a find other evidence. */
export async function setEvidence(trx: Transaction<Tables>, findId: FindId, evidence: FindEvidence): Promise<void> {
  await trx.updateTable("finds").set(evidenceColumns(evidence)).where("find_id", "=", findId).execute()
}

/** One place as it is written. */
export interface NewLocation {
  readonly caseId: CaseId
  readonly findId: FindId
  readonly source: string
  readonly findingId: string
  readonly scan: string | undefined
  readonly position: number
  readonly foundAt: Date
  readonly at: string
  readonly sealed: Buffer
}

/** Writes a place. */
export async function addLocation(trx: Transaction<Tables>, added: NewLocation): Promise<void> {
  const { caseId, findId, source, findingId, scan, position, foundAt, at, sealed } = added
  await trx
    .insertInto("find_locations")
    .values({
      source,
      finding_id: findingId,
      find_id: findId,
      case_id: caseId,
      scan: scan ?? null,
      position,
      sealed,
      found_at: foundAt,
      attached_at: new Date(at),
    })
    .execute()
}

function evidenceColumns(evidence: FindEvidence | undefined) {
  return {
    evidence_id: evidence?.evidenceId ?? null,
    ciphertext_sha256: evidence?.ciphertextSha256 ?? null,
    content: evidence?.content ?? null,
    content_bytes: evidence === undefined ? null : String(evidence.contentBytes),
  }
}

/** Notes a sealed piece that came with a find. Returns whether the case did not have it. */
export async function addEvidence(
  trx: Transaction<Tables>,
  { caseId, findId, evidenceId }: { readonly caseId: string; readonly findId: FindId; readonly evidenceId: string },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("find_evidence")
    .values({ case_id: caseId, find_id: findId, evidence_id: evidenceId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

/** Ids of every sealed piece of a case, in order. */
export async function readEvidenceIds(db: Kysely<Tables>, caseId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("find_evidence")
    .select("evidence_id")
    .where("case_id", "=", caseId)
    .orderBy("evidence_id")
    .execute()
  return rows.map(({ evidence_id }) => evidence_id)
}

/** Ids of the sealed pieces that came with some finds of a case, in order. */
export async function readEvidenceIdsOf(
  db: Kysely<Tables>,
  caseId: string,
  findIds: readonly string[],
): Promise<readonly string[]> {
  if (findIds.length === 0) return []
  const rows = await db
    .selectFrom("find_evidence")
    .select("evidence_id")
    .where("case_id", "=", caseId)
    .where("find_id", "in", findIds)
    .orderBy("evidence_id")
    .execute()
  return rows.map(({ evidence_id }) => evidence_id)
}

/**
 * Ids of a case's sealed pieces, in order, without those that a find of another case needs which is undecided, or to be
 * reported: one workspace enrolled twice pushes one sealed file for two cases.
 */
export async function readEvidenceIdsAlone(db: Kysely<Tables>, caseId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("find_evidence")
    .select("evidence_id")
    .where("case_id", "=", caseId)
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom("finds")
            .innerJoin("cases", "cases.case_id", "finds.case_id")
            .select("finds.find_id")
            .whereRef("finds.evidence_id", "=", "find_evidence.evidence_id")
            .where("finds.case_id", "<>", caseId)
            .where((or) => or.or([or("cases.state", "<>", "decided"), or("cases.outcome", "=", "reportable")])),
        ),
      ),
    )
    .orderBy("evidence_id")
    .execute()
  return rows.map(({ evidence_id }) => evidence_id)
}

/** A case's finds with their strengths, in order of attachment. */
export async function readFindStrengths(db: Kysely<Tables>, caseId: string): Promise<readonly FindStrength[]> {
  const rows = await db
    .selectFrom("finds")
    .select(["find_id", "strength"])
    .where("case_id", "=", caseId)
    .orderBy("position")
    .execute()
  return rows.map(({ find_id, strength }) => ({ findId: find_id as FindId, strength }))
}

/** Ids of a case's finds in order of attachment. */
export async function readFindIds(db: Kysely<Tables>, caseId: string): Promise<readonly FindId[]> {
  const rows = await db
    .selectFrom("finds")
    .select("find_id")
    .where("case_id", "=", caseId)
    .orderBy("position")
    .execute()
  return rows.map(({ find_id }) => find_id as FindId)
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
    .selectFrom("finds")
    .select(["evidence_id", "ciphertext_sha256"])
    .distinct()
    .where("evidence_id", "in", evidenceIds)
    .execute()
  return rows.flatMap(({ evidence_id: evidenceId, ciphertext_sha256: ciphertextSha256 }) =>
    evidenceId === null || ciphertextSha256 === null ? [] : [{ evidenceId, ciphertextSha256 }],
  )
}
