/**
 * SQL of shadow runs and of their counts.
 * @module
 */
import { type Kysely, sql } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { ShadowCount, ShadowRun } from "./shadow-runs.ts"

const RUNS_LIMIT = 20

/** Inserts a row of `policy_shadows` that has not ended. */
export async function insertRun(
  db: Kysely<Tables>,
  run: Pick<ShadowRun, "shadowId" | "digest" | "startedBy" | "startedAt">,
): Promise<void> {
  const { shadowId, digest, startedBy, startedAt } = run
  await db
    .insertInto("policy_shadows")
    .values({
      shadow_id: shadowId,
      digest,
      started_by: startedBy,
      started_at: startedAt,
      ended_by: null,
      ended_at: null,
    })
    .execute()
}

/** Ends the run of a version. Returns its id, or `undefined` if there was none. */
export async function endRun(
  db: Kysely<Tables>,
  digest: string,
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<string | undefined> {
  const row = await db
    .updateTable("policy_shadows")
    .set({ ended_by: by, ended_at: at })
    .where("digest", "=", digest)
    .where("ended_at", "is", null)
    .returning("shadow_id")
    .executeTakeFirst()
  return row?.shadow_id
}

/** Finds the running shadow run; `undefined` if none runs. */
export async function findRunning(
  db: Kysely<Tables>,
): Promise<{ readonly shadowId: string; readonly digest: string } | undefined> {
  const row = await db
    .selectFrom("policy_shadows")
    .select(["shadow_id", "digest"])
    .where("ended_at", "is", null)
    .executeTakeFirst()
  return row && { shadowId: row.shadow_id, digest: row.digest }
}

/** Runs of a version with what they counted, newest first, at most 20. */
export async function runsOf(db: Kysely<Tables>, digest: string): Promise<readonly ShadowRun[]> {
  const rows = await db
    .selectFrom("policy_shadows")
    .selectAll()
    .where("digest", "=", digest)
    .orderBy("started_at", "desc")
    .orderBy("shadow_id")
    .limit(RUNS_LIMIT)
    .execute()
  if (rows.length === 0) return []
  const counts = await countsOf(
    db,
    rows.map((row) => row.shadow_id),
  )
  return rows.map((row) => ({
    shadowId: row.shadow_id,
    digest: row.digest,
    startedBy: row.started_by,
    startedAt: row.started_at,
    endedBy: row.ended_by ?? undefined,
    endedAt: row.ended_at ?? undefined,
    counts: counts.filter((count) => count.shadowId === row.shadow_id),
  }))
}

/** Reads the counts of some runs, in no particular order. */
export async function countsOf(db: Kysely<Tables>, shadowIds: readonly string[]): Promise<readonly ShadowCount[]> {
  const rows = await db
    .selectFrom("policy_shadow_counts")
    .selectAll()
    .where("shadow_id", "in", [...shadowIds])
    .execute()
  return rows.map((row) => ({
    shadowId: row.shadow_id,
    beside: row.beside,
    surface: row.surface,
    from: row.from_decision as ShadowCount["from"],
    to: row.to_decision as ShadowCount["to"],
    count: Number(row.count),
  }))
}

/** Adds to the counts, always in the same order, so that two processes do not lock each other out. */
export async function addCounts(db: Kysely<Tables>, counts: readonly ShadowCount[]): Promise<void> {
  if (counts.length === 0) return
  const keyOf = ({ shadowId, beside, surface, from, to }: ShadowCount) => [shadowId, beside, surface, from, to].join()
  await db
    .insertInto("policy_shadow_counts")
    .values(
      counts
        .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
        .map(({ shadowId, beside, surface, from, to, count }) => ({
          shadow_id: shadowId,
          beside,
          surface,
          from_decision: from,
          to_decision: to,
          count: String(count),
        })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(["shadow_id", "beside", "surface", "from_decision", "to_decision"])
        .doUpdateSet({ count: sql`policy_shadow_counts.count + excluded.count` }),
    )
    .execute()
}
