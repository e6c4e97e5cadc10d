/**
 * Cases as metrics: counts by state, never a person's pace.
 * @module
 */
import type { Clock } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import type { Measure } from "../../platform/feature.ts"
import { countCases } from "./queue/queue-store.ts"

/** `nightlight_cases` by state and `nightlight_cases_overdue`. None of them counts per person. */
export function caseMeasures({
  db,
  clock,
}: {
  readonly db: Kysely<Tables>
  readonly clock: Clock
}): readonly Measure[] {
  const counts = () => countCases(db, "system-metrics", clock.now())
  return [
    {
      name: "nightlight_cases",
      help: "Cases by state.",
      labels: ["state"],
      read: async () => {
        const { byState } = await counts()
        return Object.entries(byState).map(([state, value]) => ({ labels: { state }, value }))
      },
    },
    {
      name: "nightlight_cases_overdue",
      help: "Cases whose deadline has passed and still counts.",
      labels: [],
      read: async () => [{ labels: {}, value: (await counts()).overdue }],
    },
  ]
}
