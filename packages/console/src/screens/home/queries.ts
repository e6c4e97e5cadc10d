/**
 * What the home page reads.
 * @module
 */
import type { CommitmentList, HomeView } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"

/** What needs the caller, and how the installation is. A part that dies is no event of the log: it is asked for again. */
export const homeQuery = queryOptions({
  queryKey: ["home"],
  queryFn: ({ signal }) => call<HomeView>("GET", "/v1/home", { signal }),
  refetchInterval: 30_000,
})

/** How each commitment stands. */
export const commitmentsQuery = queryOptions({
  queryKey: ["commitments"],
  queryFn: ({ signal }) => call<CommitmentList>("GET", "/v1/commitments", { signal }),
  staleTime: 30_000,
})
