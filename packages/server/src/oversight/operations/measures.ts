import { sql } from "kysely"
import { countUnsigned } from "../../platform/events/checkpoint.ts"
import type { Measure } from "../../platform/feature.ts"
import type { Shared } from "../../platform/shared.ts"

/** Gauges of custodian, tasks, queue, unsigned events and clock. A custodian that does not answer is `unreachable`. */
export function operationMeasures({
  db,
  custodian,
  clock,
}: Pick<Shared, "db" | "custodian" | "clock">): readonly Measure[] {
  return [
    {
      name: "nightlight_custodian_state",
      help: "1 for the custodian's present state.",
      labels: ["state"],
      read: async () => {
        const state = await custodian.state().then(
          (answer) => answer.state,
          () => "unreachable",
        )
        return ["ready", "locked", "no-key", "unreachable"].map((known) => ({
          labels: { state: known },
          value: known === state ? 1 : 0,
        }))
      },
    },
    {
      name: "nightlight_tasks_open",
      help: "Tasks that wait for a person.",
      labels: ["kind"],
      read: async () => {
        const rows = await db
          .selectFrom("tasks")
          .select(["kind", ({ fn }) => fn.countAll<string>().as("count")])
          .where("closed_at", "is", null)
          .groupBy("kind")
          .execute()
        return rows.map(({ kind, count }) => ({ labels: { kind }, value: Number(count) }))
      },
    },
    {
      name: "nightlight_jobs_waiting",
      help: "Jobs in the queue by name and state.",
      labels: ["job", "state"],
      read: async () => {
        const { rows } = await sql<{ name: string; state: string; count: string }>`
          SELECT name, state::text, count(*) FROM pgboss.job
          WHERE state IN ('created', 'retry', 'active') GROUP BY name, state`.execute(db)
        return rows.map(({ name, state, count }) => ({ labels: { job: name, state }, value: Number(count) }))
      },
    },
    {
      name: "nightlight_events_unsigned",
      help: "Events of the log behind the last signed checkpoint.",
      labels: [],
      read: async () => [{ labels: {}, value: await countUnsigned(db) }],
    },
    {
      name: "nightlight_clock_seconds",
      help: "The process's clock, to compare with others.",
      labels: [],
      read: async () => [{ labels: {}, value: clock.now().getTime() / 1000 }],
    },
  ]
}
