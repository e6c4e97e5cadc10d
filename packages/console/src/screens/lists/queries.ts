/**
 * The lists page's queries and calls.
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
import type { SchemaOutput } from "../../api/schema-output.ts"

/** The lists of the live index, and those that were removed from it. */
export type Lists = SchemaOutput<typeof ListsView>
/** A list of the index. */
export type List = Lists["lists"][number]
/** A list that was removed from the index. */
export type FormerList = Lists["former"][number]
/** A reported false positive. */
export type FalsePositive = FalsePositiveView

/** `GET /v1/lists`. Polled every few minutes, because the ageing of a list is no event. */
export const listsQuery = queryOptions({
  queryKey: ["lists", "all"],
  queryFn: ({ signal }) => call<Lists>("GET", "/v1/lists", { signal }),
  refetchInterval: 300_000,
})

/** False positives, newest first, at most 200. */
export const falsePositivesQuery = (query: SchemaOutput<typeof FalsePositiveQuery>) =>
  queryOptions({
    queryKey: ["lists", "falsePositives", query],
    queryFn: async ({ signal }) =>
      (await call<SchemaOutput<typeof FalsePositiveList>>("GET", "/v1/false-positives", { query, signal }))
        .falsePositives,
  })

/** Reports that a list's match of an item is a false positive. */
export const openFalsePositive = ({
  list,
  ...body
}: FalsePositiveBody & { readonly list: string }): Promise<FalsePositive> =>
  call("POST", `/v1/lists/${list}/false-positives`, { body })

/** Withdraws an open false positive. */
export const withdraw = (falsePositiveId: string): Promise<FalsePositive> =>
  call("POST", `/v1/false-positives/${falsePositiveId}/withdraw`)

/** Requests that the match is ignored on its item; another person approves it. */
export const requestSuppression = (falsePositiveId: string): Promise<SchemaOutput<typeof SuppressionRequested>> =>
  call("POST", `/v1/false-positives/${falsePositiveId}/suppression`)

/** Ends an accepted false positive: its match counts again. */
export const endSuppression = (falsePositiveId: string): Promise<FalsePositive> =>
  call("POST", `/v1/false-positives/${falsePositiveId}/end`)
