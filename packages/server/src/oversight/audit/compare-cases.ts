/**
 * Compares cases with the projection of their events, since what people see, what is filed, and what is kept or
 * destroyed depend on them. Their rows carry no MAC.
 * @module
 */
import type { RowDifference } from "@nightlight/contract/server"
import type { JsonValue } from "@nightlight/core"
import { type Kysely, sql } from "kysely"
import { CASE_EVENT_TYPES } from "../../casework/cases/state/events.ts"
import { type CaseRow, toRow } from "../../casework/cases/state/head-row.ts"
import { CaseProjection, type ProjectedCase } from "../../casework/cases/state/projection.ts"
import { VIEWING_EVENT_TYPES, ViewingsProjection } from "../../casework/viewings/projection.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { textOf } from "../../platform/events/read.ts"
import { walkSubjects } from "../../platform/events/walk-subjects.ts"
import { findPartProblem, readParts } from "./compare-case-parts.ts"
import { type CompareWatch, orUnreadable, type RowProblem } from "./row-problem.ts"

/** Number of cases that are projected at once. */
const PAGE = 200

/** Name of each column's aspect in problems; every column of `cases` is listed. */
const COLUMNS = {
  kind: "owner",
  source: "owner",
  group_key: "owner",
  state: "state",
  version: "state",
  opened_at: "state",
  decided_decision: "decision",
  basis: "decision",
  outcome: "decision",
  decided_at: "decision",
  second_review: "decision",
  first_decision: "decision",
  first_decider: "decision",
  second_decision: "decision",
  second_decider: "decision",
  resolution_decision: "decision",
  resolution_decider: "decision",
  pending_stage: "decision",
  undo_until: "decision",
  filed_at: "state",
  matched_at: "deadline",
  knowledge_at: "deadline",
  knowledge_by: "deadline",
  due_at: "deadline",
  clock_running: "deadline",
  alarmed: "deadline",
  claimed_by: "claim",
  claimed_until: "claim",
  danger: "place",
  band: "place",
  sort_at: "place",
  strength: "items",
  items: "items",
  strengths: "items",
  locations: "items",
  known_items: "items",
  lists: "items",
  categories: "items",
} as const satisfies Readonly<Record<Exclude<keyof CaseRow, "case_id">, RowDifference>>

/**
 * Reads every case, a page at a time, with its events.
 *
 * @param db - A snapshot in which the whole log was verified.
 * @returns The first case, or part of one, that differs from the log.
 */
export async function findCaseProblem(
  db: Kysely<Tables>,
  { signal, onPage }: CompareWatch = {},
): Promise<RowProblem | undefined> {
  for (let after = ""; ; ) {
    signal?.throwIfAborted()
    const rows = await db
      .selectFrom("cases")
      .selectAll()
      .where("case_id", ">", after)
      .orderBy("case_id")
      .limit(PAGE)
      .execute()
    const ids = rows.map(({ case_id }) => case_id)
    const projections = await projectCases(db, { after, last: ids.at(-1) })
    const parts = await readParts(db, ids)
    for (const row of rows) {
      const id = row.case_id
      const projecting = projections.get(id)
      if (projecting === undefined) return { table: "cases", id, what: "unknown" }
      const projected = projecting.projection.projected()
      const what = orUnreadable(() => differenceOf(row, projected))
      if (what !== undefined) return { table: "cases", id, what }
      const part = findPartProblem(projected, projecting.viewings.viewings, parts.of(id))
      if (part !== undefined) return part
    }
    onPage?.(rows.length)
    const last = ids.at(-1)
    if (last === undefined || rows.length < PAGE) return findMissingCase(db)
    after = last
  }
}

interface Projecting {
  readonly projection: CaseProjection
  readonly viewings: ViewingsProjection
}

const TYPES = [...CASE_EVENT_TYPES, ...VIEWING_EVENT_TYPES]

/** Every case with an id after one and not after another, projected. */
async function projectCases(
  db: Kysely<Tables>,
  { after, last }: { readonly after: string; readonly last: string | undefined },
): Promise<ReadonlyMap<string, Projecting>> {
  const projections = new Map<string, Projecting>()
  if (last === undefined) return projections
  for await (const event of walkSubjects(db, { after, last, types: TYPES })) {
    const subject = textOf(event.data, "subject")
    if (event.type === "case.opened")
      projections.set(subject, { projection: new CaseProjection(subject), viewings: new ViewingsProjection() })
    const projecting = projections.get(subject)
    projecting?.projection.apply(event)
    projecting?.viewings.apply(event)
  }
  return projections
}

function differenceOf(row: CaseRow, { head }: ProjectedCase): RowDifference | undefined {
  if (head === undefined) return "unknown"
  const said = toRow(head)
  for (const [column, what] of Object.entries(COLUMNS) as [keyof typeof COLUMNS, RowDifference][]) {
    const wanted = column === "strengths" ? head.strengths : said[column]
    if (!isSame(row[column], wanted)) return what
  }
  return undefined
}

/** Whether two values of a column are equal: times by their milliseconds, lists in order. */
export function isSame(one: unknown, other: unknown): boolean {
  return textOfValue(one) === textOfValue(other)
}

function textOfValue(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return JSON.stringify(Object.entries(value as Record<string, JsonValue>).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
  // The driver's value for a time without end, which JSON would turn into null.
  if (typeof value === "number" && !Number.isFinite(value)) return String(value)
  return JSON.stringify(value ?? null)
}

/** A case that was opened and is missing, or a part that belongs to no case. */
async function findMissingCase(db: Kysely<Tables>): Promise<RowProblem | undefined> {
  const gone = await db
    .selectFrom("events")
    .select("subject")
    .where("type", "=", "case.opened")
    .where((is) =>
      is.not(is.exists(is.selectFrom("cases").select("case_id").whereRef("case_id", "=", "events.subject"))),
    )
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst()
  if (gone !== undefined) return { table: "cases", id: gone.subject ?? "", what: "missing" }
  const { rows } = await sql<{ readonly part: string; readonly id: string }>`
    SELECT * FROM (
      (SELECT 'case_items' AS part, item_id AS id FROM case_items p
        WHERE NOT EXISTS (SELECT FROM cases c WHERE c.case_id = p.case_id) LIMIT 1)
      UNION ALL (SELECT 'item_locations', finding_id FROM item_locations p
        WHERE NOT EXISTS (SELECT FROM case_items f WHERE f.item_id = p.item_id) LIMIT 1)
      UNION ALL (SELECT 'item_evidence', evidence_id FROM item_evidence p
        WHERE NOT EXISTS (SELECT FROM cases c WHERE c.case_id = p.case_id) LIMIT 1)
      UNION ALL (SELECT 'viewings', viewing_id FROM viewings p
        WHERE NOT EXISTS (SELECT FROM cases c WHERE c.case_id = p.case_id) LIMIT 1)
      UNION ALL (SELECT 'decisions', decision_id FROM decisions p
        WHERE NOT EXISTS (SELECT FROM cases c WHERE c.case_id = p.case_id) LIMIT 1)
      UNION ALL (SELECT 'judgements', decision_id FROM judgements p
        WHERE NOT EXISTS (SELECT FROM decisions d WHERE d.decision_id = p.decision_id) LIMIT 1)
    ) AS strays LIMIT 1`.execute(db)
  const [stray] = rows
  return stray && { table: stray.part, id: stray.id, what: "unknown" }
}
