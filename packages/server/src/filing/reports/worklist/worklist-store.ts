/**
 * SQL of reports that wait for somebody, without their content.
 * @module
 */
import type { Kysely, SelectType } from "kysely"
import type { Environment, ReportState, ReportTables } from "../../../platform/db/tables/filing.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import type { ReportId } from "../types.ts"

/** A report that waits for a person; `authorisationId` only if it was filed automatically. */
export interface WaitingReport {
  readonly id: ReportId
  readonly state: ReportState
  readonly preparedBy: string
  /** The filing authorisation of an automatically filed report. */
  readonly authorisationId: string | undefined
  readonly createdAt: Date
  readonly proposedAt: Date | undefined
  readonly approvedAt: Date | undefined
  readonly dueAt: Date | undefined
}

/** States in which a report waits for a person, or is being filed. */
const UNDER_WAY = ["draft", "proposed", "approved", "held"] as const

/** Number of reports in each of them. */
export async function countInProgress(
  db: Kysely<Tables>,
): Promise<Readonly<Record<(typeof UNDER_WAY)[number], number>>> {
  const rows = await db
    .selectFrom("reports")
    .select(["state", ({ fn }) => fn.countAll<string>().as("count")])
    .where("state", "in", UNDER_WAY)
    .groupBy("state")
    .execute()
  const counted = new Map(rows.map(({ state, count }) => [state, Number(count)]))
  const of = (state: ReportState) => counted.get(state) ?? 0
  return { draft: of("draft"), proposed: of("proposed"), approved: of("approved"), held: of("held") }
}

/** Reports in some states, nearest deadline first, then those without one, oldest first. */
export async function readWaiting(
  db: Kysely<Tables>,
  states: readonly ReportState[],
  limit: number,
): Promise<readonly WaitingReport[]> {
  const rows = await db
    .selectFrom("reports")
    .select(COLUMNS)
    .where("state", "in", states)
    .orderBy("due_at")
    .orderBy("created_at")
    .limit(limit)
    .execute()
  return rows.map(toWaiting)
}

/** Reports that one person or none filed and that nobody reviewed afterwards; filed longest ago first. */
export async function readUnreviewed(db: Kysely<Tables>, limit: number): Promise<readonly WaitingReport[]> {
  const rows = await db
    .selectFrom("reports")
    .select(COLUMNS)
    .where((is) => is.or([is("single_person_reason", "is not", null), is("authorisation_id", "is not", null)]))
    .where("single_person_reviewed_by", "is", null)
    .where("state", "in", ["approved", "held", "finished"])
    .orderBy("approved_at")
    .limit(limit)
    .execute()
  return rows.map(toWaiting)
}

/** Which of these cases have a report that was not withdrawn, at one host or filed manually. */
export async function readReported(
  db: Kysely<Tables>,
  caseIds: readonly string[],
  environment: Environment,
): Promise<ReadonlySet<string>> {
  if (caseIds.length === 0) return new Set()
  const rows = await db
    .selectFrom("reports")
    .select("case_id")
    .distinct()
    .where("case_id", "in", caseIds)
    .where("environment", "=", environment)
    .where("state", "<>", "withdrawn")
    .execute()
  return new Set(rows.map(({ case_id }) => case_id))
}

const COLUMNS = [
  "id",
  "state",
  "prepared_by",
  "authorisation_id",
  "created_at",
  "proposed_at",
  "approved_at",
  "due_at",
] as const

type Row = { readonly [Column in (typeof COLUMNS)[number]]: SelectType<ReportTables["reports"][Column]> }

function toWaiting(row: Row): WaitingReport {
  return {
    id: row.id as ReportId,
    state: row.state,
    preparedBy: row.prepared_by,
    authorisationId: row.authorisation_id ?? undefined,
    createdAt: row.created_at,
    proposedAt: row.proposed_at ?? undefined,
    approvedAt: row.approved_at ?? undefined,
    dueAt: row.due_at ?? undefined,
  }
}
