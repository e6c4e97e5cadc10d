/**
 * What the page reads. A report's head and progress are read again whenever something changes; what it says is read once
 * for each version, because every reading of it stands in the log.
 * @module
 */
import type {
  AutomationList,
  CaseDetail,
  FilingAnswers,
  FilingSteps,
  ManualSheet,
  ReceivedAnswer,
  ReportDetail,
  ReportForm,
  ReportList,
  ReportPreview,
} from "@nightlight/contract/server"
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import type { Of } from "../../api/of.ts"

/** A report with what it says. */
export type Detail = Of<typeof ReportDetail>
/** A report's head. */
export type Summary = Detail["report"]
/** The schema of both documents. */
export type Form = Of<typeof ReportForm>
/** One call of a filing. */
export type Step = Of<typeof FilingSteps>["steps"][number]
/** What the CyberTipline answered to one call. */
export type Answer = Of<typeof FilingAnswers>["answers"][number]
/** The documents as they are sent. */
export type Preview = Of<typeof ReportPreview>
/** The sheet for manual filing. */
export type Sheet = Of<typeof ManualSheet>
/** A case without its context. */
export type CaseHead = Of<typeof CaseDetail>
/** A filing authorisation. */
export type AuthorisationView = Of<typeof AutomationList>["authorisations"][number]

/** Which reports are listed: of a state, those that are open, or all. */
export type Filter = Summary["state"] | "open" | "all"

const PAGE = 100
/** What a report says leaves the browser's memory soon after nobody looks at it. */
const FORGET_MS = 30_000
const WHILE_FILING_MS = 2_000

/** `GET /v1/reports`, page by page. */
export const reportsQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["reports", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      call<Of<typeof ReportList>>("GET", "/v1/reports", {
        query: { state: filter === "all" ? undefined : filter, after: pageParam, limit: PAGE },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  })

/** Reports of one case, newest first. */
export const reportsOfCaseQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["reports", "case", caseId],
    queryFn: async ({ signal }) =>
      (await call<Of<typeof ReportList>>("GET", "/v1/reports", { query: { caseId, limit: PAGE }, signal })).reports,
  })

/** Head and progress of one report; asked for often while it is being filed. */
export const progressQuery = (reportId: string) =>
  queryOptions({
    queryKey: ["reports", "progress", reportId],
    queryFn: ({ signal }) => call<Of<typeof FilingSteps>>("GET", `/v1/reports/${reportId}/steps`, { signal }),
    refetchInterval: ({ state: { data } }) => (data?.report.state === "approved" ? WHILE_FILING_MS : false),
  })

/** What one version of a report says. */
export const contentQuery = (reportId: string, version: number) =>
  queryOptions({
    queryKey: ["report-content", reportId, version],
    queryFn: ({ signal }) => call<Detail>("GET", `/v1/reports/${reportId}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: FORGET_MS,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

/** One version as it is sent. */
export const previewQuery = (reportId: string, version: number) =>
  queryOptions({
    queryKey: ["report-content", reportId, version, "preview"],
    queryFn: ({ signal }) => call<Preview>("GET", `/v1/reports/${reportId}/preview`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

/** What the CyberTipline answered so far; read when somebody asks for it, because that stands in the log. */
export const answersQuery = (reportId: string, calls: number) =>
  queryOptions({
    queryKey: ["report-content", reportId, "answers", calls],
    queryFn: async ({ signal }) =>
      (await call<Of<typeof FilingAnswers>>("GET", `/v1/reports/${reportId}/answers`, { signal })).answers,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

/** Reads one answer byte for byte as it came, in base64. */
export async function readReceived(reportId: string, ordinal: number): Promise<string> {
  return (await call<Of<typeof ReceivedAnswer>>("GET", `/v1/reports/${reportId}/answers/${ordinal}`)).received
}

/** The schema; the same until the server is another. */
export const formQuery = queryOptions({
  queryKey: ["report-form"],
  queryFn: ({ signal }) => call<Form>("GET", "/v1/report-form", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

/** A case's head. */
export const caseQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["cases", "one", caseId],
    queryFn: ({ signal }) => call<CaseHead>("GET", `/v1/cases/${encodeURIComponent(caseId)}`, { signal }),
  })
