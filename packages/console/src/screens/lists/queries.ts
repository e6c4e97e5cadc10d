/**
 * What the lists' page reads and does.
 * @module
 */
import type {
  FalsePositiveBody,
  FalsePositiveList,
  FalsePositiveQuery,
  FalsePositiveView,
  ListsView,
  SuppressionRequested,
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
/** A false positive. */
export type FalsePositive = FalsePositiveView

/** `GET /v1/lists`; a list's age is no event, so it is read again every few minutes. */
export const listsQuery = queryOptions({
  queryKey: ["lists", "all"],
  queryFn: ({ signal }) => call<Lists>("GET", "/v1/lists", { signal }),
  refetchInterval: 300_000,
})

/** False positives, newest first, at most 200. */
export const falsePositivesQuery = (query: Of<typeof FalsePositiveQuery>) =>
  queryOptions({
    queryKey: ["lists", "falsePositives", query],
    queryFn: async ({ signal }) =>
      (await call<Of<typeof FalsePositiveList>>("GET", "/v1/false-positives", { query, signal })).falsePositives,
  })

/** Disputes a list's match of an item. */
export const openFalsePositive = ({
  list,
  ...body
}: FalsePositiveBody & { readonly list: string }): Promise<FalsePositive> =>
  call("POST", `/v1/lists/${list}/false-positives`, { body })

/** Takes an open false positive back. */
export const withdraw = (falsePositiveId: string): Promise<FalsePositive> =>
  call("POST", `/v1/false-positives/${falsePositiveId}/withdraw`)

/** Asks that the match is passed over; a second person decides. */
export const requestSuppression = (falsePositiveId: string): Promise<Of<typeof SuppressionRequested>> =>
  call("POST", `/v1/false-positives/${falsePositiveId}/suppression`)

/** Ends a false positive. */
export const endSuppression = (falsePositiveId: string): Promise<FalsePositive> =>
  call("POST", `/v1/false-positives/${falsePositiveId}/end`)
