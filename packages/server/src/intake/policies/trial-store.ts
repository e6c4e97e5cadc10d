/**
 * SQL of trials.
 * @module
 */
import type { Kysely, Selectable } from "kysely"
import type { PolicyTables, TrialTally } from "../../platform/db/tables/intake.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { Period } from "./types.ts"

const LIST_LIMIT = 20

/** A trial of a version over past findings. `tally` grows while it runs. */
export interface Trial {
  readonly trialId: string
  readonly digest: string
  readonly state: "running" | "done" | "failed"
  readonly period: Period
  readonly requestedBy: string
  readonly requestedAt: Date
  readonly endedAt: Date | undefined
  readonly total: number
  readonly tally: TrialTally
}

/** Inserts a row of `policy_trials` without an end. */
export async function insertTrial(db: Kysely<Tables>, trial: Trial): Promise<void> {
  const { trialId, digest, state, period, requestedBy, requestedAt, total, tally } = trial
  await db
    .insertInto("policy_trials")
    .values({
      trial_id: trialId,
      digest,
      state,
      period_from: period.from,
      period_to: period.to,
      requested_by: requestedBy,
      requested_at: requestedAt,
      ended_at: null,
      total,
      tally: JSON.stringify(tally),
    })
    .execute()
}

/** Reads a trial. With `lock`, others who run it wait until this transaction ends. */
export async function findTrial(db: Kysely<Tables>, trialId: string, lock = false): Promise<Trial | undefined> {
  const select = db.selectFrom("policy_trials").selectAll().where("trial_id", "=", trialId)
  const row = await (lock ? select.forUpdate() : select).executeTakeFirst()
  return row && toTrial(row)
}

/** Trials of a version, newest first, at most 20. */
export async function trialsOf(db: Kysely<Tables>, digest: string): Promise<readonly Trial[]> {
  const rows = await db
    .selectFrom("policy_trials")
    .selectAll()
    .where("digest", "=", digest)
    .orderBy("requested_at", "desc")
    .orderBy("trial_id")
    .limit(LIST_LIMIT)
    .execute()
  return rows.map(toTrial)
}

/** Replaces the tally and the total of a trial. */
export async function writeTally(
  db: Kysely<Tables>,
  trialId: string,
  { tally, total }: Pick<Trial, "tally" | "total">,
): Promise<void> {
  await db
    .updateTable("policy_trials")
    .set({ tally: JSON.stringify(tally), total })
    .where("trial_id", "=", trialId)
    .execute()
}

/** Ends a running trial. Returns whether it was running. */
export async function endTrial(
  db: Kysely<Tables>,
  trialId: string,
  { state, at }: { readonly state: "done" | "failed"; readonly at: Date },
): Promise<boolean> {
  const row = await db
    .updateTable("policy_trials")
    .set({ state, ended_at: at })
    .where("trial_id", "=", trialId)
    .where("state", "=", "running")
    .returning("trial_id")
    .executeTakeFirst()
  return row !== undefined
}

function toTrial(row: Selectable<PolicyTables["policy_trials"]>): Trial {
  return {
    trialId: row.trial_id,
    digest: row.digest,
    state: row.state,
    total: row.total,
    tally: row.tally,
    period: { from: row.period_from, to: row.period_to },
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    endedAt: row.ended_at ?? undefined,
  }
}
