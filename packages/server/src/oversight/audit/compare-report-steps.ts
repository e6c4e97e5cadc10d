/**
 * Compares the steps of reports with the events that were written with them: somebody who deletes a step, or changes
 * its outcome, could have a report filed twice or not at all.
 * @module
 */
import type { RowDifference } from "@nightlight/contract/server"
import { canonicalJson, type JsonValue } from "@nightlight/core"
import type { AuditData, AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import { stepKey } from "../../filing/reports/filing/steps.ts"
import type { StepName } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { textOf } from "../../platform/events/read.ts"
import { walkSubjects } from "../../platform/events/walk-subjects.ts"
import { orUnreadable, type RowProblem } from "./row-problem.ts"

/** Number of reports whose steps are read at once. */
const PAGE = 500

const CALLS: Readonly<Record<StepName["call"], true>> = {
  open: true,
  upload: true,
  describe: true,
  finish: true,
  retract: true,
  abandon: true,
}
const TYPES = Object.keys(CALLS).flatMap((call) => [`report.${call}-started`, `report.${call}-ended`])

/** One step according to the log. */
interface Step {
  /** As {@link stepKey} writes it. */
  readonly key: unknown
  readonly attempt: unknown
  outcome: AuditData | undefined
}

/** Finds the first step of a report that is missing, that was never made, or that had another outcome. */
export async function findStepProblem(db: Kysely<Tables>, signal?: AbortSignal): Promise<RowProblem | undefined> {
  for (let after = ""; ; ) {
    signal?.throwIfAborted()
    const page = await db.selectFrom("reports").select("id").where("id", ">", after).orderBy("id").limit(PAGE).execute()
    const ids = page.map(({ id }) => id)
    const last = ids.at(-1)
    if (last === undefined) return findStray(db)
    const said = await readSteps(db, { after, last })
    const rows = await db
      .selectFrom("report_steps")
      .select(["report_id", "attempt", "step_key", "step", "outcome"])
      .where("report_id", "in", ids)
      .orderBy("report_id")
      .orderBy("ordinal")
      .execute()
    const stored = Map.groupBy(rows, ({ report_id }) => report_id)
    for (const id of ids) {
      const what = orUnreadable(() => differenceOf(stored.get(id) ?? [], said.get(id) ?? []))
      if (what !== undefined) return { table: "report_steps", id, what }
    }
    after = last
  }
}

type StepRow = Pick<Tables["report_steps"], "attempt" | "step_key"> & {
  readonly step: StepName
  readonly outcome: unknown
}

function differenceOf(rows: readonly StepRow[], said: readonly Step[]): RowDifference | undefined {
  if (rows.length !== said.length) return rows.length < said.length ? "missing" : "unknown"
  const isSame = said.every(({ key, attempt, outcome }, index) => {
    const row = rows[index]
    if (row === undefined || row.attempt !== attempt || row.step_key !== key || stepKey(row.step) !== key) return false
    return textOfOutcome(row.outcome) === textOfOutcome(outcome)
  })
  return isSame ? undefined : "state"
}

async function readSteps(
  db: Kysely<Tables>,
  range: { readonly after: string; readonly last: string },
): Promise<ReadonlyMap<string, readonly Step[]>> {
  const steps = new Map<string, Step[]>()
  for await (const event of walkSubjects(db, { ...range, types: TYPES })) {
    const subject = textOf(event.data, "subject")
    const known = steps.get(subject) ?? []
    steps.set(subject, known)
    takeStep(known, event)
  }
  return steps
}

function takeStep(steps: Step[], { type, data }: AuditEvent): void {
  const { attempt, subject: _, ...outcome } = data
  const isStart = type.endsWith("-started")
  if (isStart) steps.push({ key: data["step"], attempt, outcome: undefined })
  // Steps run one at a time: the one that ends is the one that began last.
  const last = steps.at(-1)
  if (!isStart && last !== undefined) last.outcome = outcome
}

async function findStray(db: Kysely<Tables>): Promise<RowProblem | undefined> {
  const stray = await db
    .selectFrom("report_steps")
    .select("report_id")
    .where((is) =>
      is.not(is.exists(is.selectFrom("reports").select("id").whereRef("id", "=", "report_steps.report_id"))),
    )
    .limit(1)
    .executeTakeFirst()
  return stray && { table: "report_steps", id: stray.report_id, what: "unknown" }
}

function textOfOutcome(outcome: unknown): string {
  return canonicalJson((outcome ?? null) as JsonValue)
}
