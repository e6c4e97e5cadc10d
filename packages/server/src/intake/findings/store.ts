import type { Kysely, Selectable, Updateable } from "kysely"
import { sql } from "kysely"
import type { IntakeTables } from "../../platform/db/tables/intake.ts"
import type { Tables } from "../../platform/db/tables.ts"

/** A row of `received_findings`. */
export type ReceivedRow = Selectable<IntakeTables["received_findings"]>

/** Parts of it that change. */
export type ReceivedUpdate = Updateable<IntakeTables["received_findings"]>

/** Inserts findings that are not there yet. Returns the ids of the inserted ones. */
export async function insertReceived(db: Kysely<Tables>, rows: readonly ReceivedRow[]): Promise<readonly string[]> {
  if (rows.length === 0) return []
  const added = await db
    .insertInto("received_findings")
    .values([...rows])
    .onConflict((conflict) => conflict.columns(["source_id", "finding_id"]).doNothing())
    .returning("finding_id")
    .execute()
  return added.map((row) => row.finding_id)
}

/** Which of these findings of a source exist, locked until the transaction ends. */
export function findKnown(db: Kysely<Tables>, source: string, findings: readonly string[]): Promise<ReceivedRow[]> {
  if (findings.length === 0) return Promise.resolve([])
  return db
    .selectFrom("received_findings")
    .selectAll()
    .where("source_id", "=", source)
    .where("finding_id", "in", [...findings])
    .orderBy("finding_id")
    .forUpdate()
    .execute()
}

/** One finding of a source, by its own id. */
export function findOwn(db: Kysely<Tables>, source: string, finding: string) {
  return db
    .selectFrom("received_findings")
    .select(["state", "content"])
    .where("source_id", "=", source)
    .where("finding_id", "=", finding)
    .executeTakeFirst()
}

/** Reads a received finding by its record id. */
export function findReceived(db: Kysely<Tables>, record: string): Promise<ReceivedRow | undefined> {
  return db.selectFrom("received_findings").selectAll().where("record_id", "=", record).executeTakeFirst()
}

/** One received finding, locked until the transaction ends. */
export function lockReceived(db: Kysely<Tables>, record: string): Promise<ReceivedRow | undefined> {
  return db.selectFrom("received_findings").selectAll().where("record_id", "=", record).forUpdate().executeTakeFirst()
}

/** Changes columns of a received finding. */
export async function updateReceived(db: Kysely<Tables>, record: string, changes: ReceivedUpdate): Promise<void> {
  await db.updateTable("received_findings").set(changes).where("record_id", "=", record).execute()
}

/** Records that a finding was tried, unless it is no longer waiting, or has another sealed file by now. */
export async function recordAttempt(
  db: Kysely<Tables>,
  { record_id, ciphertext_sha256 }: Pick<ReceivedRow, "record_id" | "ciphertext_sha256">,
  tried: { readonly code: string; readonly at: Date },
): Promise<void> {
  await db
    .updateTable("received_findings")
    .set({ code: tried.code, tried_at: tried.at })
    .where("record_id", "=", record_id)
    .where("state", "=", "waiting")
    .where("ciphertext_sha256", "=", ciphertext_sha256)
    .where("evidence_at", "is not", null)
    .execute()
}

/** The findings of a source that name a piece of evidence. */
export function findByEvidence(db: Kysely<Tables>, source: string, evidence: string): Promise<ReceivedRow[]> {
  return db
    .selectFrom("received_findings")
    .selectAll()
    .where("source_id", "=", source)
    .where("evidence_id", "=", evidence)
    .orderBy("record_id")
    .execute()
}

/** Marks a sealed file as present, for every finding of a source that named exactly it. Returns their records. */
export async function markEvidence(
  db: Kysely<Tables>,
  { source, evidence, ciphertext, at }: { source: string; evidence: string; ciphertext: string; at: Date },
): Promise<readonly string[]> {
  const marked = await db
    .updateTable("received_findings")
    .set({ evidence_at: at, replaces: null })
    .where("source_id", "=", source)
    .where("evidence_id", "=", evidence)
    .where("ciphertext_sha256", "=", ciphertext)
    .where("evidence_at", "is", null)
    .returning("record_id")
    .execute()
  return marked.map((row) => row.record_id)
}

/**
 * Records a sealed file that arrived for findings which by then named another one, which replaces it.
 *
 * @param records - Those that named it when the upload began.
 */
export async function recordReplacedEvidence(
  db: Kysely<Tables>,
  { records, evidence, ciphertext }: { records: readonly string[]; evidence: string; ciphertext: string },
): Promise<void> {
  await db
    .updateTable("received_findings")
    .set({ replaces: ciphertext })
    .where("record_id", "in", [...records])
    .where("evidence_id", "=", evidence)
    .where("ciphertext_sha256", "<>", ciphertext)
    .where("evidence_at", "is", null)
    .execute()
}

/** The received findings of one scan, by finding id. */
export function findOfScan(
  db: Kysely<Tables>,
  { source, scanKey, after, limit }: { source: string; scanKey: string; after: string; limit: number },
) {
  return db
    .selectFrom("received_findings")
    .select(["finding_id", "state", "evidence_id", "ciphertext_sha256", "evidence_at"])
    .where("source_id", "=", source)
    .where("scan_key", "=", scanKey)
    .where("finding_id", ">", after)
    .orderBy("finding_id")
    .limit(limit)
    .execute()
}

/**
 * Records that wait although their evidence is here, for one of these reasons or none yet, and were not tried since a
 * time; longest untried first.
 */
export async function findWaiting(
  db: Kysely<Tables>,
  { reasons, before, limit }: { reasons: readonly string[]; before: Date; limit: number },
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("received_findings")
    .select("record_id")
    .where("state", "=", "waiting")
    .where("evidence_at", "is not", null)
    .where((where) => where.or([where("code", "is", null), where("code", "in", [...reasons])]))
    .where((where) => where.or([where("tried_at", "is", null), where("tried_at", "<", before)]))
    .orderBy(sql`tried_at NULLS FIRST`)
    .limit(limit)
    .execute()
  return rows.map((row) => row.record_id)
}

/** Makes findings wait again that an older index denied. Returns how many. */
export async function reopenDenied(db: Kysely<Tables>, indexVersion: number, limit: number): Promise<number> {
  const older = db
    .selectFrom("received_findings")
    .select("record_id")
    .where("state", "=", "denied")
    .where("index_version", "<", indexVersion)
    .limit(limit)
    .forUpdate()
    .skipLocked()
  const opened = await db
    .updateTable("received_findings")
    .set({ state: "waiting", code: null, tried_at: null })
    .where("record_id", "in", older)
    .executeTakeFirst()
  return Number(opened.numUpdatedRows)
}

/** Makes findings wait again that were denied for a reason. */
export async function reopenDeniedFor(db: Kysely<Tables>, code: string): Promise<void> {
  await db
    .updateTable("received_findings")
    .set({ state: "waiting", code: null, tried_at: null })
    .where("state", "=", "denied")
    .where("code", "=", code)
    .execute()
}

/** Number of findings by source, state and code, from the kept counts. */
export async function countReceived(db: Kysely<Tables>) {
  const { rows } = await sql<{ source_id: string; state: ReceivedRow["state"]; code: string | null; findings: string }>`
    SELECT key::jsonb ->> 0 AS source_id, key::jsonb ->> 1 AS state, key::jsonb ->> 2 AS code, sum(delta) AS findings
    FROM case_counts WHERE name = 'received' GROUP BY key HAVING sum(delta) > 0 ORDER BY 1, 2, 3`.execute(db)
  return rows.map(({ findings, ...row }) => ({ ...row, findings: Number(findings) }))
}

/** Number of findings of one scan, by state. */
export async function countOfScan(db: Kysely<Tables>, source: string, scanKey: string) {
  const rows = await db
    .selectFrom("received_findings")
    .select("state")
    .select(({ fn }) => fn.countAll<string>().as("findings"))
    .where("source_id", "=", source)
    .where("scan_key", "=", scanKey)
    .groupBy("state")
    .execute()
  return rows.map(({ state, findings }) => ({ state, findings: Number(findings) }))
}

/** Cases with a finding of one scan, in order of their ids. */
export async function casesOfScan(db: Kysely<Tables>, source: string, scanKey: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("received_findings")
    .select("case_id")
    .distinct()
    .where("source_id", "=", source)
    .where("scan_key", "=", scanKey)
    .where("case_id", "is not", null)
    .orderBy("case_id")
    .execute()
  return rows.flatMap(({ case_id }) => case_id ?? [])
}

/** Findings in one state, by record id. */
export function findInState(
  db: Kysely<Tables>,
  { state, after, limit }: { state: ReceivedRow["state"]; after: string; limit: number },
): Promise<ReceivedRow[]> {
  return db
    .selectFrom("received_findings")
    .selectAll()
    .where("state", "=", state)
    .where("record_id", ">", after)
    .orderBy("record_id")
    .limit(limit)
    .execute()
}
