/**
 * What the page of scans and guards reads.
 * @module
 */
import type { GuardList, IntakeCounts, ScanDetail, ScanList } from "@nightlight/contract/server"
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import type { Of } from "../../api/of.ts"

const PAGE = 100

/** Scans, the last finished first. */
export const scansQuery = infiniteQueryOptions({
  queryKey: ["scans", "list"],
  queryFn: ({ pageParam, signal }) =>
    call<Of<typeof ScanList>>("GET", "/v1/scans", { query: { after: pageParam, limit: PAGE }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next }) => next,
})

/** One scan with its whole report. */
export const scanQuery = (scanId: string) =>
  queryOptions({
    queryKey: ["scans", scanId],
    queryFn: ({ signal }) => call<ScanDetail>("GET", `/v1/scans/${scanId}`, { signal }),
  })

/** Guards, as each was heard last. Silence is no event: they are asked for again. */
export const guardsQuery = queryOptions({
  queryKey: ["guards"],
  queryFn: async ({ signal }) => (await call<Of<typeof GuardList>>("GET", "/v1/guards", { signal })).sources,
  refetchInterval: 30_000,
})

/** Received findings, counted by where they stand. */
export const intakeQuery = queryOptions({
  queryKey: ["intake", "counts"],
  queryFn: async ({ signal }) => (await call<Of<typeof IntakeCounts>>("GET", "/v1/intake", { signal })).counts,
})
