/**
 * The evidence page's queries and calls.
 * @module
 */
import type {
  CaseCustody,
  CasePreservation,
  DisclosureLog,
  HoldDetail,
  HoldView,
  LeRequestDetail,
  LeRequestList,
  LeRequestView,
  PreservationClock,
  PreservationList,
  PreservationView,
} from "@nightlight/contract/server"
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"

/** Preserved evidence of one item. */
export type Piece = SchemaOutput<typeof PreservationView>
/** A hold. */
export type Hold = SchemaOutput<typeof HoldView>
/** A request from an authority, without its sealed scope. */
export type LeRequest = SchemaOutput<typeof LeRequestView>
/** A custody event of a case. */
export type CustodyEvent = SchemaOutput<typeof CaseCustody>["events"][number]

const PAGE = 200

/** Preserved evidence page by page, in one state or in all. */
export const piecesQuery = (state: Piece["state"] | undefined) =>
  infiniteQueryOptions({
    queryKey: ["preservation", "list", state],
    queryFn: ({ pageParam, signal }) =>
      call<SchemaOutput<typeof PreservationList>>("GET", "/v1/preservations", {
        query: { state, after: pageParam, limit: PAGE },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  })

/** Preserved evidence of one item. */
export const pieceQuery = (evidenceId: string) =>
  queryOptions({
    queryKey: ["preservation", "piece", evidenceId],
    queryFn: ({ signal }) => call<Piece>("GET", `/v1/preservations/${evidenceId}`, { signal }),
  })

/** The holds and preservation of a case's evidence. */
export const casePreservationQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["preservation", "case", caseId],
    queryFn: ({ signal }) =>
      call<SchemaOutput<typeof CasePreservation>>("GET", `/v1/cases/${caseId}/preservation`, { signal }),
  })

/** Custody events of a case, page by page. */
export const custodyQuery = (caseId: string) =>
  infiniteQueryOptions({
    queryKey: ["preservation", "custody", caseId],
    queryFn: ({ pageParam, signal }) =>
      call<SchemaOutput<typeof CaseCustody>>("GET", `/v1/cases/${caseId}/custody`, {
        query: { fromSeq: pageParam, limit: 1000 },
        signal,
      }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ nextSeq }) => nextSeq,
  })

/** Whether the server trusts its clock enough to end a preservation. */
export const clockQuery = queryOptions({
  queryKey: ["preservation", "clock"],
  queryFn: ({ signal }) => call<SchemaOutput<typeof PreservationClock>>("GET", "/v1/preservation/clock", { signal }),
})

/** A certificate of destruction. */
export interface Certificate {
  readonly certificateId: string
  readonly basis: string
  readonly orderedAt: string
  readonly approvalId?: string
  readonly requestId?: string
  readonly decidedBy?: readonly string[]
  readonly evidence?: readonly {
    readonly evidenceId: string
    readonly caseId: string
    readonly reportId?: string
    readonly lockedUntil?: string
  }[]
  readonly remaining?: readonly string[]
}

/** A certificate of destruction; it never changes. */
export const certificateQuery = (certificateId: string) =>
  queryOptions({
    queryKey: ["certificate", certificateId],
    queryFn: ({ signal }) => call<Certificate>("GET", `/v1/destructions/${certificateId}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Requests from authorities; with `caseId`, those that name the case. */
export const requestsQuery = (state: LeRequest["state"] | undefined, caseId?: string) =>
  queryOptions({
    queryKey: ["requests", "list", state, caseId],
    queryFn: async ({ signal }) => {
      const query = { state, caseId }
      const { requests } = await call<SchemaOutput<typeof LeRequestList>>("GET", "/v1/requests", { query, signal })
      return requests.toSorted(byDue)
    },
  })

/** Open requests by due date, those without a date last, then closed ones, the latest received first. */
function byDue(a: LeRequest, b: LeRequest): number {
  if (a.state !== b.state) return a.state === "open" ? -1 : 1
  return (a.dueAt ?? "9").localeCompare(b.dueAt ?? "9") || b.receivedAt.localeCompare(a.receivedAt)
}

/** A request with its cases and disclosures, without its sealed scope. */
export const requestQuery = (requestId: string) =>
  queryOptions({
    queryKey: ["requests", "one", requestId],
    queryFn: ({ signal }) =>
      call<SchemaOutput<typeof DisclosureLog>>("GET", `/v1/requests/${requestId}/disclosures`, { signal }),
  })

/** Opens a request's sealed scope. Opening is recorded, so it is read only on request, and not cached. */
export const openScope = async (requestId: string): Promise<SchemaOutput<typeof LeRequestDetail>["scope"]> =>
  (await call<SchemaOutput<typeof LeRequestDetail>>("GET", `/v1/requests/${requestId}`)).scope

/** Opens a hold's sealed reference. Opening is recorded, so it is read only on request, and not cached. */
export const openHold = async (holdId: string): Promise<string> =>
  (await call<SchemaOutput<typeof HoldDetail>>("GET", `/v1/holds/${holdId}`)).reference

/** Whether a hold is in force. */
export const isLive = ({ liftedAt, until }: Hold, nowMs: number): boolean =>
  liftedAt === undefined && (until === undefined || Date.parse(until) > nowMs)
