/**
 * The log page's queries. Each search is recorded as an event itself, so one is made only when the user asks for it.
 * @module
 */
import { compact } from "@nightlight/contract"
import type { AuditEventView, AuditPage, AuditVerificationView, CheckpointsView } from "@nightlight/contract/server"
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { endOfDay, startOfDay } from "../../parts/dates.ts"

/** An event of the log. */
export type LogEvent = SchemaOutput<typeof AuditEventView>
/** The result of a verification. */
export type Verification = SchemaOutput<typeof AuditVerificationView>

/** A search of the log, as the address holds it: types, ids, and days as typed. */
export interface LogFilter {
  readonly type?: string
  readonly by?: string
  readonly subject?: string
  readonly since?: string
  readonly until?: string
}

const PAGE = 1000

/** Events, newest first. Its key begins with no topic of live updates, so it is read only when the user asks. */
export const logQuery = ({ since, until, ...filter }: LogFilter) =>
  infiniteQueryOptions({
    queryKey: ["log", since, until, filter],
    queryFn: ({ pageParam, signal }) =>
      call<SchemaOutput<typeof AuditPage>>("GET", "/v1/audit/events", {
        query: {
          ...filter,
          ...compact({
            since: since === undefined ? undefined : startOfDay(since),
            until: until === undefined ? undefined : endOfDay(until),
          }),
          order: "newest",
          fromSeq: pageParam,
          limit: PAGE,
        },
        signal,
      }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ nextSeq }) => nextSeq,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

/** When the server last announced a new event. */
export const pulseQuery = queryOptions({
  queryKey: ["audit", "pulse"],
  queryFn: async () => Date.now(),
  staleTime: Number.POSITIVE_INFINITY,
})

/** The checkpoints of the log, and whether the custodian's agree. */
export const checkpointsQuery = queryOptions({
  queryKey: ["audit", "checkpoints"],
  queryFn: ({ signal }) => call<SchemaOutput<typeof CheckpointsView>>("GET", "/v1/audit/checkpoints", { signal }),
})

/** Verifies the whole log on the server. */
export const verifyLog = (): Promise<Verification> => call("POST", "/v1/audit/verify")

/** The search that an address holds; members that are not text are dropped. */
export function toFilter(search: Readonly<Record<string, unknown>>): LogFilter {
  const names = ["type", "by", "subject", "since", "until"] as const
  return Object.fromEntries(
    names.flatMap((name) => (typeof search[name] === "string" && search[name] !== "" ? [[name, search[name]]] : [])),
  )
}
