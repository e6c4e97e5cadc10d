import type { InsightsView } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import { DAY_MS } from "../../parts/durations.ts"

/** Counts over the last `days` days; read again after a minute at the earliest. */
export const insightsQuery = (days: number) =>
  queryOptions({
    queryKey: ["insights", days],
    queryFn: ({ signal }) => {
      const to = Date.now()
      const from = to - days * DAY_MS
      const query = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
      return call<InsightsView>("GET", "/v1/insights", { query, signal })
    },
    staleTime: 60_000,
  })
