import type { CaseListQuery } from "@nightlight/contract/server"
import { compact, DAY_MS } from "@nightlight/core"
import type { z } from "zod"
import type { QueueFilter } from "./queue-store.ts"

/** The filter that a list's query names, for one caller at one time. */
export function toQueueFilter(query: z.output<typeof CaseListQuery>, caller: string, now: Date): QueueFilter {
  const { state, kind, band, assignee, list, due } = query
  return compact({
    state,
    kind,
    band,
    assignee: assignee === undefined ? undefined : assignee === "me" ? caller : assignee,
    list,
    dueBefore: due === undefined ? undefined : due === "overdue" ? now : new Date(now.getTime() + DAY_MS),
  })
}
