/**
 * What the log's page reads. Each search is an event of the log itself: it is made when asked for, never by the page.
 * @module
 */
import { compact } from "@nightlight/contract"
import type { AuditEventView, AuditPage, AuditVerificationView, CheckpointsView } from "@nightlight/contract/server"
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import type { Of } from "../../api/of.ts"
import { endOfDay, startOfDay } from "../../parts/dates.ts"

/** One event. */
export type LogEvent = Of<typeof AuditEventView>
/** What verifying found. */
export type Verification = Of<typeof AuditVerificationView>

/** What is searched; days as they are typed. Lies in the address: ids and codes alone. */
export interface LogFilter {
  readonly type?: string
  readonly by?: string
  readonly subject?: string
  readonly since?: string
  readonly until?: string
}

const PAGE = 1000

/** Events, the newest first. Its key begins with no topic: it is read again when somebody asks for it alone. */
export const logQuery = ({ since, until, ...filter }: LogFilter) =>
  infiniteQueryOptions({
    queryKey: ["log", since, until, filter],
    queryFn: ({ pageParam, signal }) =>
      call<Of<typeof AuditPage>>("GET", "/v1/audit/events", {
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

/** When the server last said that the log grew. */
export const pulseQuery = queryOptions({
  queryKey: ["audit", "pulse"],
  queryFn: async () => Date.now(),
  staleTime: Number.POSITIVE_INFINITY,
})

/** How log and custodian stand to each other. */
export const checkpointsQuery = queryOptions({
  queryKey: ["audit", "checkpoints"],
  queryFn: ({ signal }) => call<Of<typeof CheckpointsView>>("GET", "/v1/audit/checkpoints", { signal }),
})

/** Reads the whole log on the server, and compares. */
export const verifyLog = (): Promise<Verification> => call("POST", "/v1/audit/verify")

/** What an address asks for; what is no text is left out. */
export function toFilter(search: Readonly<Record<string, unknown>>): LogFilter {
  const names = ["type", "by", "subject", "since", "until"] as const
  return Object.fromEntries(
    names.flatMap((name) => (typeof search[name] === "string" && search[name] !== "" ? [[name, search[name]]] : [])),
  )
}
