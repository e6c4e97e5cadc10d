/**
 * What the lists' page reads and does.
 * @module
 */
import type {
  DisputeBody,
  DisputeList,
  DisputeQuery,
  DisputeView,
  FalsePositiveRequested,
  ListsView,
} from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import type { Of } from "../../api/of.ts"

/** The lists of the live index, and those that left it. */
export type Lists = Of<typeof ListsView>
/** One list. */
export type List = Lists["lists"][number]
/** A list that is in the index no more. */
export type FormerList = Lists["former"][number]
/** A dispute. */
export type Dispute = DisputeView

/** `GET /v1/lists`; a list's age is no event, so it is read again every few minutes. */
export const listsQuery = queryOptions({
  queryKey: ["lists", "all"],
  queryFn: ({ signal }) => call<Lists>("GET", "/v1/lists", { signal }),
  refetchInterval: 300_000,
})

/** Disputes, newest first, at most 200. */
export const disputesQuery = (query: Of<typeof DisputeQuery>) =>
  queryOptions({
    queryKey: ["lists", "disputes", query],
    queryFn: async ({ signal }) =>
      (await call<Of<typeof DisputeList>>("GET", "/v1/disputes", { query, signal })).disputes,
  })

/** Disputes a list's match of an item. */
export const openDispute = ({ list, ...body }: DisputeBody & { readonly list: string }): Promise<Dispute> =>
  call("POST", `/v1/lists/${list}/disputes`, { body })

/** Takes an open dispute back. */
export const withdraw = (disputeId: string): Promise<Dispute> => call("POST", `/v1/disputes/${disputeId}/withdraw`)

/** Asks that the match is passed over; a second person decides. */
export const requestFalsePositive = (disputeId: string): Promise<Of<typeof FalsePositiveRequested>> =>
  call("POST", `/v1/disputes/${disputeId}/false-positive`)

/** Ends a false positive. */
export const endFalsePositive = (disputeId: string): Promise<Dispute> => call("POST", `/v1/disputes/${disputeId}/end`)
