/**
 * The scans page's queries.
 * @module
 */
import type { GuardList, IntakeCounts, ScanDetail, ScanList } from "@nightlight/contract/server"
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"

const PAGE = 100

/** Scans, the last finished first. */
export const scansQuery = infiniteQueryOptions({
  queryKey: ["scans", "list"],
  queryFn: ({ pageParam, signal }) =>
    call<SchemaOutput<typeof ScanList>>("GET", "/v1/scans", { query: { after: pageParam, limit: PAGE }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next }) => next,
})

/** A scan with its whole report. */
export const scanQuery = (scanId: string) =>
  queryOptions({
    queryKey: ["scans", scanId],
    queryFn: ({ signal }) => call<ScanDetail>("GET", `/v1/scans/${scanId}`, { signal }),
  })

/** The last heartbeat of each guard. Polled, because silence is no event. */
export const guardsQuery = queryOptions({
  queryKey: ["guards"],
  queryFn: async ({ signal }) => (await call<SchemaOutput<typeof GuardList>>("GET", "/v1/guards", { signal })).sources,
  refetchInterval: 30_000,
})

/** The number of received findings by source and state. */
export const intakeQuery = queryOptions({
  queryKey: ["intake", "counts"],
  queryFn: async ({ signal }) =>
    (await call<SchemaOutput<typeof IntakeCounts>>("GET", "/v1/intake", { signal })).counts,
})
