/**
 * Rows of an installation that has worked for years: cases in every state, their items and places, what was pushed,
 * preserved and reported. Made by the database itself.
 * @module
 */
import { createHash } from "node:crypto"
import type { Database } from "../packages/server/src/platform/db/pool.ts"

/** Ids of the made-up rows, by their number. */
export const caseIdOf = (n: number): string => `case-${uuidOf(n)}`
export const reportIdOf = (n: number): string => `report-${uuidOf(n)}`
export const evidenceIdOf = (n: number): string => `evidence-${uuidOf(n)}`

/** As the database makes it: the MD5 of the number, written as a UUID. */
export function uuidOf(n: number): string {
  const hex = createHash("md5").update(String(n)).digest("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}

/** Fills every table that grows with cases, as the schema's owner; `cases` of each. */
export async function fillServer({ pool }: Pick<Database, "pool">, cases: number): Promise<void> {
  for (const statement of statements(cases)) await pool.query(statement)
  await pool.query("ANALYZE")
}

const at = (n: string) => `now() - ${n} * interval '3 minutes'`

function statements(cases: number): readonly string[] {
  const numbers = `generate_series(1, ${cases}) AS n`
  return [
    `INSERT INTO cases (case_id, kind, source, group_key, state, version, opened_at, strength, items, locations,
       known_items, lists, categories, danger, due_at, clock_running, alarmed, claimed_by, claimed_until, first_decision,
       first_decider, pending_stage, undo_until, decided_decision, basis, outcome, decided_at, second_review, band, sort_at)
     SELECT 'case-' || md5(n::text)::uuid, (ARRAY['dataset','account','direct','test'])[1 + n % 4], 'source-' || md5('source')::uuid, md5(n::text)::uuid,
       s, 1, ${at("n")}, 'unverified', 1, 1, 0, ARRAY['list-' || n % 50, 'list-' || (n + 1) % 50], ARRAY['c'], false,
       CASE WHEN n % 3 = 0 THEN now() + (n - 50000) * interval '1 minute' END, n % 3 = 0 AND s <> 'decided', 100,
       CASE WHEN n % 500 = 0 THEN 'person-1' END, CASE WHEN n % 500 = 0 THEN now() + interval '5 minutes' END,
       CASE WHEN s = 'settling' THEN 'd' END, CASE WHEN s = 'settling' THEN 'p' END,
       CASE WHEN s = 'settling' THEN 'first' END, CASE WHEN s = 'settling' THEN now() + interval '1 day' END,
       CASE WHEN s = 'decided' THEN 'd' END, CASE WHEN s = 'decided' THEN 'not-violation' END,
       CASE WHEN s = 'decided' THEN 'not-violation' END, CASE WHEN s = 'decided' THEN ${at("n")} END,
       CASE WHEN s = 'decided' THEN 'none' END, 1 + n % 5, ${at("n % 7919")}
     FROM (SELECT n, (ARRAY['open','second-review','resolution','settling','decided','decided','decided'])[1 + (n / 7) % 7]
             AS s FROM ${numbers}) AS made`,
    `INSERT INTO case_items (item_id, case_id, position, item_key, strength, media_type, size_bytes, digests, verdict, rule,
       matches, evidence_id, ciphertext_sha256, content, content_bytes, locations, attached_at)
     SELECT 'item-' || md5(n::text)::uuid, 'case-' || md5(n::text)::uuid, 0, md5((n % 60000)::text), 'unverified', 'image/jpeg', 1000,
       'verified', 'quarantine', 'default',
       jsonb_build_array(jsonb_build_object('list', 'list-' || n % 50, 'trust', 'trusted', 'category', 'c', 'snapshot', 1,
         'hashType', 'sha256', 'distanceBits', 0, 'radiusBits', 0)),
       'evidence-' || md5(n::text)::uuid, repeat('a', 64), 'verified', 1000, 1, ${at("n")} FROM ${numbers}`,
    `INSERT INTO item_locations (source, finding_id, item_id, case_id, position, scan, found_at, attached_at, sealed)
     SELECT 'source-' || md5('source')::uuid, encode(sha256(n::text::bytea), 'hex'), 'item-' || md5(n::text)::uuid, 'case-' || md5(n::text)::uuid, 0, 's-000001', ${at("n")},
       ${at("n")}, 'sealed' FROM ${numbers}`,
    `INSERT INTO received_findings (record_id, source_id, finding_id, scan_key, origin, decision, claims_match, notes, state,
       code, received_at, case_id, item_id, test_only)
     SELECT 'record-' || md5(n::text)::uuid, 'source-' || md5('source')::uuid, encode(sha256(n::text::bytea), 'hex'), 's-000001', 'direct', 'quarantine', true, '{}',
       (ARRAY['verified','verified','verified','denied','kept'])[1 + n % 5], CASE WHEN n % 5 = 3 THEN 'nothing-matched' END,
       ${at("n")}, 'case-' || md5(n::text)::uuid, 'item-' || md5(n::text)::uuid, false FROM ${numbers}`,
    `INSERT INTO preservations (evidence_id, case_id, state, locked_until, changed_at)
     SELECT 'evidence-' || md5(n::text)::uuid, 'case-' || md5(n::text)::uuid, (ARRAY['kept','locked'])[1 + n % 2],
       CASE WHEN n % 2 = 1 THEN now() + n * interval '5 minutes' END, ${at("n")} FROM ${numbers}`,
    `INSERT INTO reports (id, case_id, kind, environment, state, content, prepared_by, created_at, finished_at,
       remote_report_id)
     SELECT 'report-' || md5(n::text)::uuid, 'case-' || md5(n::text)::uuid, 'files', 'test',
       CASE WHEN n % 100 = 0 THEN 'draft' ELSE 'finished' END, 'sealed', 'person-1', ${at("n")},
       CASE WHEN n % 100 = 0 THEN NULL ELSE ${at("n")} END, CASE WHEN n % 100 = 0 THEN NULL ELSE n::text END
     FROM generate_series(1, ${cases / 2}) AS n`,
    `INSERT INTO false_positives (false_positive_id, list, case_id, item_id, reason, state, entries, opened_by, opened_at)
     SELECT 'false-positive-' || md5(n::text)::uuid, 'list-' || n % 50, 'case-' || md5(n::text)::uuid, 'item-' || md5(n::text)::uuid, 'different-picture',
       (ARRAY['open','withdrawn','ended'])[1 + n % 3], 1, 'person-1', ${at("n")} FROM generate_series(1, ${cases / 20}) AS n`,
  ]
}
