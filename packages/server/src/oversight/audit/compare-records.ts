/**
 * Compares records of people's actions and of their open work with the log.
 * @module
 */
import { canonicalJson, type JsonValue } from "@nightlight/core"
import type { Kysely } from "kysely"
import { NO_VIEWINGS_YET } from "../../casework/exposure/events.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { compareKeyed } from "./compare-keyed.ts"
import type { Rebuilt } from "./rebuild.ts"
import { alarmKey, dayKey } from "./rebuild-records.ts"
import type { RowProblem } from "./row-problem.ts"

type FindProblem = (db: Kysely<Tables>, log: Rebuilt) => Promise<RowProblem | undefined>

/** Finds the first row of exposure, its limits, disclosures, tasks or alarms that differs from the log. */
export async function findRecordProblem(db: Kysely<Tables>, log: Rebuilt): Promise<RowProblem | undefined> {
  for (const find of [breaks, days, limits, findDisclosureProblem, tasks, alarms] satisfies readonly FindProblem[]) {
    const problem = await find(db, log)
    if (problem !== undefined) return problem
  }
  return undefined
}

async function breaks(db: Kysely<Tables>, { records }: Rebuilt): Promise<RowProblem | undefined> {
  const rows = await db.selectFrom("exposure_people").selectAll().execute()
  // The row exists before the first viewing is counted, and then says that there was none.
  const said = new Map([...rows.map(({ person_id }) => [person_id, NO_VIEWINGS_YET] as const), ...records.breaks])
  return compareKeyed({
    table: "exposure_people",
    said,
    rows,
    idOf: ({ person_id }) => person_id,
    differenceOf: (row, state) => {
      const isSame =
        row.stretch_started_at?.toISOString() === state.stretchStartedAt &&
        row.last_viewing_at?.toISOString() === state.lastViewingAt &&
        row.break_until?.toISOString() === state.breakUntil
      return isSame ? undefined : "count"
    },
  })
}

async function days(db: Kysely<Tables>, { records }: Rebuilt): Promise<RowProblem | undefined> {
  const rows = await db.selectFrom("exposure_days").selectAll().execute()
  return compareKeyed({
    table: "exposure_days",
    said: records.days,
    rows,
    idOf: ({ person_id, day }) => dayKey(person_id, day),
    differenceOf: ({ viewings, originals, seconds }, counts) =>
      viewings === counts.viewings && originals === counts.originals && seconds === counts.seconds
        ? undefined
        : "count",
  })
}

async function limits(db: Kysely<Tables>, { records }: Rebuilt): Promise<RowProblem | undefined> {
  const rows = await db.selectFrom("exposure_limits").selectAll().execute()
  return compareKeyed({
    table: "exposure_limits",
    said: new Map(records.limits === undefined ? [] : [["1", records.limits] as const]),
    rows,
    idOf: ({ id }) => String(id),
    differenceOf: (row, { limits: set, by }) =>
      row.set_by === by && canonicalJson(row.limits as JsonValue) === canonicalJson(set as JsonValue)
        ? undefined
        : "state",
  })
}

/** Finds the first disclosure that nobody made, that other people approved, or that is missing. */
export async function findDisclosureProblem(
  db: Kysely<Tables>,
  { records, approvals }: Rebuilt,
): Promise<RowProblem | undefined> {
  const rows = await db.selectFrom("disclosures").selectAll().execute()
  return compareKeyed({
    table: "disclosures",
    said: records.disclosures,
    rows,
    idOf: ({ disclosure_id }) => disclosure_id,
    differenceOf: (row, said) => {
      const isSame =
        row.case_id === said.caseId &&
        row.request_id === said.requestId &&
        row.kind === said.kind &&
        row.approval_id === said.approvalId &&
        row.requested_by === approvals.get(said.approvalId)?.requestedBy &&
        row.approved_by === said.approvedBy &&
        (row.document_sha256 ?? undefined) === said.documentSha256
      return isSame ? undefined : "approval"
    },
  })
}

async function tasks(db: Kysely<Tables>, { records }: Rebuilt): Promise<RowProblem | undefined> {
  const rows = await db.selectFrom("tasks").selectAll().execute()
  return compareKeyed({
    table: "tasks",
    said: records.tasks,
    rows,
    idOf: ({ id }) => id,
    differenceOf: (row, { kind, about, code, closed }) => {
      if (row.kind !== kind || row.subject !== about || row.code !== code) return "owner"
      return (row.closed_by ?? undefined) === closed?.by && (row.outcome ?? undefined) === closed?.outcome
        ? undefined
        : "state"
    },
  })
}

/** Handled alarms are history: only open ones are compared. */
async function alarms(db: Kysely<Tables>, { records }: Rebuilt): Promise<RowProblem | undefined> {
  const rows = await db.selectFrom("alarms").select(["code", "subject"]).where("acknowledged_at", "is", null).execute()
  return compareKeyed({
    table: "alarms",
    said: new Map([...records.alarms].map((key) => [key, true])),
    rows,
    idOf: ({ code, subject }) => alarmKey(code, subject),
    differenceOf: () => undefined,
  })
}
