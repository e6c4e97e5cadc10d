/**
 * A report's filing in the database: its lease and its steps. Every write names its lease; a worker that lost the lease
 * writes nothing.
 * @module
 */

import { randomUUID } from "node:crypto"
import { compact } from "@nightlight/core"
import { type Kysely, sql, type Transaction } from "kysely"
import type { StepName, StepOutcome } from "../../../platform/db/tables/filing.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import type { ReportId } from "../types.ts"
import { type FilingStep, stepKey } from "./steps.ts"

/** A worker's right to file one report. */
export interface Lease {
  readonly reportId: ReportId
  readonly token: string
  /** How long it lasts without renewal, seconds. */
  readonly seconds: number
}

/**
 * Takes the lease of an approved report.
 *
 * Leases use the database's clock, which all workers share. A lease that ends later than one taken now could end was
 * taken while that clock was wrong, and does not count.
 *
 * @returns The lease; `undefined` while another worker holds it, and if the report must not be filed.
 */
export async function takeLease(db: Kysely<Tables>, reportId: ReportId, seconds: number): Promise<Lease | undefined> {
  const token = randomUUID()
  const taken = await db
    .updateTable("reports")
    .set({ lease_token: token, lease_until: leaseEnd(seconds) })
    .where("id", "=", reportId)
    .where("state", "=", "approved")
    .where((eb) =>
      eb.or([
        eb("lease_until", "is", null),
        eb("lease_until", "<", sql<Date>`now()`),
        eb("lease_until", ">", sql<Date>`now() + make_interval(secs => ${2 * seconds})`),
      ]),
    )
    .executeTakeFirst()
  return taken.numUpdatedRows === 1n ? { reportId, token, seconds } : undefined
}

/** Releases a lease, with the time before which no retry is needed. */
export async function releaseLease(db: Kysely<Tables>, lease: Lease, nextTryAt: Date | null): Promise<void> {
  await db
    .updateTable("reports")
    .set({ lease_token: null, lease_until: null, next_try_at: nextTryAt })
    .where("id", "=", lease.reportId)
    .where("lease_token", "=", lease.token)
    .execute()
}

/**
 * Renews a lease. Within a transaction the row stays locked until it ends.
 *
 * @returns Whether this worker still held it.
 */
export async function holdLease(db: Kysely<Tables>, lease: Lease): Promise<boolean> {
  const held = await db
    .updateTable("reports")
    .set({ lease_until: leaseEnd(lease.seconds) })
    .where("id", "=", lease.reportId)
    .where("lease_token", "=", lease.token)
    .where("state", "=", "approved")
    .executeTakeFirst()
  return held.numUpdatedRows === 1n
}

/** Reads a report's steps, in the order they were started. */
export async function readSteps(db: Kysely<Tables>, reportId: ReportId): Promise<readonly FilingStep[]> {
  const rows = await db
    .selectFrom("report_steps")
    .select(["attempt", "step", "started_at", "outcome"])
    .where("report_id", "=", reportId)
    .orderBy("ordinal")
    .execute()
  return rows.map(({ attempt, step, started_at, outcome }) =>
    compact({
      attempt,
      step,
      startedAt: started_at,
      outcome: outcome === null ? undefined : outcome,
    }),
  )
}

/** A step with the CyberTipline's answer, still sealed. */
export interface AnsweredStep extends FilingStep {
  /** From 1, in the order of the report's calls. */
  readonly ordinal: number
  readonly sealed: Buffer
}

/** Reads the answered steps, in the order of their start; only one if `ordinal` is given. */
export async function readAnswers(
  db: Kysely<Tables>,
  reportId: ReportId,
  ordinal?: number,
): Promise<readonly AnsweredStep[]> {
  let select = db
    .selectFrom("report_steps")
    .select(["ordinal", "attempt", "step", "started_at", "answer"])
    .where("report_id", "=", reportId)
    .where("answer", "is not", null)
  if (ordinal !== undefined) select = select.where("ordinal", "=", ordinal)
  const rows = await select.orderBy("ordinal").execute()
  return rows.flatMap(({ ordinal: place, attempt, step, started_at, answer }) =>
    answer === null ? [] : [{ ordinal: place, attempt, step, startedAt: started_at, sealed: answer }],
  )
}

/** Writes a step's marker, before its call. Returns its number. */
export async function insertMarker(
  trx: Transaction<Tables>,
  reportId: ReportId,
  { attempt, step, startedAt }: { readonly attempt: number; readonly step: StepName; readonly startedAt: Date },
): Promise<number> {
  const { last } = await trx
    .selectFrom("report_steps")
    .select((eb) => eb.fn.coalesce(eb.fn.max("ordinal"), sql<number>`0`).as("last"))
    .where("report_id", "=", reportId)
    .executeTakeFirstOrThrow()
  await trx
    .insertInto("report_steps")
    .values({
      report_id: reportId,
      ordinal: last + 1,
      attempt,
      step_key: stepKey(step),
      step: JSON.stringify(step),
      started_at: startedAt,
      outcome: null,
      answer: null,
      ended_at: null,
    })
    .execute()
  return last + 1
}

/** A step whose call is over. */
export interface EndedStep {
  readonly ordinal: number
  readonly outcome: StepOutcome
  /** The CyberTipline's answer, sealed under the case's key. */
  readonly answer?: Buffer | undefined
  readonly endedAt: Date
}

/** Writes the outcome of a row of `report_steps`, after its call. A step that has an outcome keeps it. */
export async function writeOutcome(
  trx: Transaction<Tables>,
  reportId: ReportId,
  { ordinal, outcome, answer, endedAt }: EndedStep,
): Promise<void> {
  await trx
    .updateTable("report_steps")
    .set({ outcome: JSON.stringify(outcome), answer: answer ?? null, ended_at: endedAt })
    .where("report_id", "=", reportId)
    .where("ordinal", "=", ordinal)
    .where("outcome", "is", null)
    .execute()
}

function leaseEnd(seconds: number) {
  return sql<Date>`now() + make_interval(secs => ${seconds})`
}
