/**
 * The cases page's queries and calls.
 * @module
 */
import type {
  CaseDetail as CaseDetailSchema,
  CaseHistory,
  CaseList,
  CaseSummary,
  DecisionList,
  ItemContext as ItemContextSchema,
  ItemList,
  CaseItemView as ItemViewSchema,
  NearItemsView,
  NextCase,
  PolicyRules,
  ReportList,
  SiblingCases,
} from "@nightlight/contract/server"
import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query"
import { call, type Query } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"

/** A case as one person sees it. */
export type CaseDetail = SchemaOutput<typeof CaseDetailSchema>
/** A case in the list. */
export type CaseRow = CaseSummary
/** A distinct item of a case. */
export type CaseItem = SchemaOutput<typeof ItemViewSchema>
/** The opened context of an item. */
export type ItemContext = SchemaOutput<typeof ItemContextSchema>
/** A decision with its rationale. */
export type Decision = SchemaOutput<typeof DecisionList>["decisions"][number]

const PAGE = 100
/** A high limit, because one decision covers all items of a case. */
const ITEMS = 1000

/** Cases page by page, in the order to work on. */
export const casesQuery = (filter: Query) =>
  infiniteQueryOptions({
    queryKey: ["cases", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      call<SchemaOutput<typeof CaseList>>("GET", "/v1/cases", {
        query: { ...filter, cursor: pageParam, limit: PAGE },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }) => cursor,
  })

/** A case. */
export const caseQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["cases", caseId],
    queryFn: ({ signal }) => call<CaseDetail>("GET", `/v1/cases/${caseId}`, { signal }),
  })

/** Shows the case that a call answered, without reading it again. */
export const showCase = (client: QueryClient, head: CaseDetail): void => {
  client.setQueryData(caseQuery(head.caseId).queryKey, head)
}

/** The items of a case. */
export const itemsQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["cases", caseId, "items"],
    queryFn: async ({ signal }) =>
      (
        await call<SchemaOutput<typeof ItemList>>("GET", `/v1/cases/${caseId}/items`, {
          query: { limit: ITEMS },
          signal,
        })
      ).items,
  })

/** Which items of a case look alike, and the order to review them in. */
export const nearQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["cases", caseId, "near"],
    queryFn: ({ signal }) => call<SchemaOutput<typeof NearItemsView>>("GET", `/v1/cases/${caseId}/near`, { signal }),
    staleTime: 60_000,
  })

/** Other cases of the same account, or of the same dataset and host. */
export const siblingsQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["cases", caseId, "siblings"],
    queryFn: async ({ signal }) =>
      (await call<SchemaOutput<typeof SiblingCases>>("GET", `/v1/cases/${caseId}/siblings`, { signal })).cases,
    staleTime: 60_000,
  })

/** The policy's description of each rule, by rule name. */
export const rulesQuery = queryOptions({
  queryKey: ["policies", "rules"],
  queryFn: async ({ signal }) => {
    const { rules } = await call<SchemaOutput<typeof PolicyRules>>("GET", "/v1/policies/rules", { signal })
    return new Map(rules.map(({ id, description }) => [id, description]))
  },
  staleTime: 300_000,
})

/** The events of a case. */
export const historyQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["cases", caseId, "history"],
    queryFn: async ({ signal }) =>
      (await call<SchemaOutput<typeof CaseHistory>>("GET", `/v1/cases/${caseId}/history`, { signal })).events,
  })

/** The decisions on a case that the caller may see. */
export const decisionsQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["cases", caseId, "decisions"],
    queryFn: async ({ signal }) =>
      (await call<SchemaOutput<typeof DecisionList>>("GET", `/v1/cases/${caseId}/decisions`, { signal })).decisions,
  })

/** The reports of a case. */
export const caseReportsQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["reports", "of-case", caseId],
    queryFn: async ({ signal }) =>
      (await call<SchemaOutput<typeof ReportList>>("GET", "/v1/reports", { query: { caseId }, signal })).reports,
  })

/** The opened context of an item. Opening is recorded, so it is read once, on request, and not cached. */
export const contextQuery = (caseId: string, itemId: string) =>
  queryOptions({
    queryKey: ["context", caseId, itemId],
    queryFn: ({ signal }) => call<ItemContext>("GET", `/v1/cases/${caseId}/items/${itemId}/context`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  })

/** Claims the first case that waits for the caller; answers `undefined` if none does. */
export const takeNext = async (): Promise<CaseDetail | undefined> =>
  (await call<SchemaOutput<typeof NextCase>>("POST", "/v1/cases/next", { body: {} })).case

/** Claims a case. */
export const takeCase = ({ caseId, version }: Pick<CaseDetail, "caseId" | "version">): Promise<CaseDetail> =>
  call("POST", `/v1/cases/${caseId}/claim`, { body: { version } })

/** Extends the caller's claim. */
export const renewClaim = (caseId: string): Promise<CaseDetail> =>
  call("POST", `/v1/cases/${caseId}/claim/renew`, { body: {} })

/** Releases the caller's claim. */
export const releaseCase = (caseId: string): Promise<CaseDetail> => call("DELETE", `/v1/cases/${caseId}/claim`)
