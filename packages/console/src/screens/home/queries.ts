import type { CommitmentList, HomeView } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"

/** The worklist, and the state of the installation. It is polled, because a part that fails is no event in the log. */
export const homeQuery = queryOptions({
  queryKey: ["home"],
  queryFn: ({ signal }) => call<HomeView>("GET", "/v1/home", { signal }),
  refetchInterval: 30_000,
})

/** The status of each commitment. */
export const commitmentsQuery = queryOptions({
  queryKey: ["commitments"],
  queryFn: ({ signal }) => call<CommitmentList>("GET", "/v1/commitments", { signal }),
  staleTime: 30_000,
})
