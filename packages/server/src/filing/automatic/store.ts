/**
 * SQL of automatic filing.
 * @module
 */
import type { FilingAuthorisation, GrantProof } from "@nightlight/contract/custodian"
import { type Kysely, type Selectable, sql, type Transaction } from "kysely"
import { ABSENT, readConsistentlyOrThrow, readingOf } from "../../platform/authority/read-consistently.ts"
import {
  insertSealed,
  readOneSealed,
  readSealedGood,
  type SealedRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import type { AuthorisationState, AutomaticTables } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"
import type { StoredAuthorisation } from "./types.ts"

const MAX_AUTHORISATIONS = 200

/** Inserts a filing authorisation that nobody has proven yet. */
export async function insertAuthorisation(
  trx: Transaction<Tables>,
  {
    authorisation,
    madeBy,
    madeAt,
  }: { readonly authorisation: FilingAuthorisation; readonly madeBy: string; readonly madeAt: Date },
): Promise<void> {
  const document = JSON.stringify(authorisation)
  await insertSealed(trx, "filing_authorisations", {
    authorisation_id: authorisation.authorisationId,
    document,
    proofs: "[]",
    state: "requested",
    made_by: madeBy,
    made_at: madeAt,
    ended_at: null,
  })
}

/**
 * Reads one. With `lock`, nobody else files under it or ends it until the transaction ends.
 *
 * @throws {IntegrityError} `row_untrusted` if the row was altered, or the log says that it was switched off.
 */
export function readAuthorisation(
  db: Kysely<Tables>,
  authorisationId: string,
  lock = false,
): Promise<StoredAuthorisation | undefined> {
  return readConsistentlyOrThrow(db, async () => {
    const row = await readOneSealed(db, "filing_authorisations", (all) => {
      const one = all.where("authorisation_id", "=", authorisationId)
      return lock ? one.forUpdate() : one
    })
    if (row === undefined) return ABSENT
    const isEnded = row.ended_at === null && (await readPowerEvents(db, authorisationId)).length > 0
    return readingOf(toAuthorisation(row), isEnded, { table: "filing_authorisations", id: authorisationId })
  })
}

/** Lists them, newest first, at most 200. */
export async function listAuthorisations(
  db: Kysely<Tables>,
  state?: AuthorisationState,
): Promise<readonly StoredAuthorisation[]> {
  const rows = await readSealedGood(db, "filing_authorisations", (all) => {
    const newest = all.orderBy("made_at", "desc").limit(MAX_AUTHORISATIONS)
    return state === undefined ? newest : newest.where("state", "=", state)
  })
  return rows.map(toAuthorisation)
}

/** Replaces all proofs of a filing authorisation and renews its row's MAC. @throws {IntegrityError} `row_untrusted`. */
export async function writeProofs(trx: Transaction<Tables>, authorisationId: string, proofs: readonly GrantProof[]) {
  await updateSealed(trx, "filing_authorisations", (all) => all.where("authorisation_id", "=", authorisationId), {
    proofs: JSON.stringify(proofs),
  })
}

/** Writes the state and the end of an authorisation. */
export async function writeState(
  trx: Transaction<Tables>,
  authorisationId: string,
  { state, endedAt }: { readonly state: AuthorisationState; readonly endedAt: Date | null },
): Promise<void> {
  await updateSealed(trx, "filing_authorisations", (all) => all.where("authorisation_id", "=", authorisationId), {
    state,
    ended_at: endedAt,
  })
}

/** Selects cases that can be filed without a person. */
export interface CandidateQuery {
  readonly lists: readonly string[]
  readonly now: Date
  /** Nothing joined the case after this. */
  readonly quietSince: Date
  readonly limit: number
  readonly caseId?: string
}

/**
 * Ids of open cases that nobody holds and nobody flagged, and whose items are all exact matches of these trusted lists,
 * with content that the custodian digested itself; without those that were checked before.
 */
export async function findCandidates(db: Kysely<Tables>, query: CandidateQuery): Promise<readonly string[]> {
  const { lists, now, quietSince, limit, caseId } = query
  const { rows } = await sql<{ case_id: string }>`
    SELECT c.case_id FROM cases c
    WHERE c.state = 'open' AND c.strength = 'exact' AND c.kind <> 'test' AND NOT c.danger
      AND (c.claimed_until IS NULL OR c.claimed_until <= ${now})
      AND ${caseId === undefined ? sql`TRUE` : sql`c.case_id = ${caseId}`}
      AND NOT EXISTS (SELECT 1 FROM automatic_cases a WHERE a.case_id = c.case_id)
      AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.case_id = c.case_id)
      AND NOT EXISTS (SELECT 1 FROM item_locations l WHERE l.case_id = c.case_id AND l.attached_at > ${quietSince})
      AND NOT EXISTS (
        SELECT 1 FROM case_items f WHERE f.case_id = c.case_id AND NOT (
          f.digests = 'verified' AND f.content IS NOT DISTINCT FROM 'verified' AND EXISTS (
            SELECT 1 FROM jsonb_array_elements(f.matches) m
            WHERE m->>'trust' = 'trusted' AND m->>'hashType' IN ('sha1', 'sha256') AND m->'distanceBits' = '0'
              AND coalesce(m->>'declared', 'false') = 'false' AND m->>'list' = ANY (${[...lists]}::text[]))))
    ORDER BY c.due_at NULLS LAST, c.case_id LIMIT ${limit}`.execute(db)
  return rows.map(({ case_id }) => case_id)
}

/** Records the outcome for a case; a second call changes nothing. */
export async function noteCase(
  trx: Transaction<Tables>,
  noted: Selectable<AutomaticTables["automatic_cases"]>,
): Promise<void> {
  await trx
    .insertInto("automatic_cases")
    .values(noted)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

function toAuthorisation(row: SealedRow<"filing_authorisations">): StoredAuthorisation {
  return {
    authorisation: row.document,
    proofs: row.proofs,
    state: row.state,
    madeBy: row.made_by,
    madeAt: row.made_at,
    endedAt: row.ended_at ?? undefined,
  }
}
