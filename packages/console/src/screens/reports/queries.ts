/**
 * The reports page's queries. A report's head and progress are read again on every change. Its content is read once per
 * version, because each reading is recorded.
 * @module
 */
import type {
  AutomationList,
  CaseDetail,
  FilingAnswers,
  FilingSteps,
  ManualFilingSheet,
  ReceivedAnswer,
  ReportDetail,
  ReportForm,
  ReportList,
  ReportPreview,
} from "@nightlight/contract/server"
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query"
import { call } from "../../api/call.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"

/** A report with its content. */
export type Detail = SchemaOutput<typeof ReportDetail>
/** A report's head, without its content. */
export type Summary = Detail["report"]
/** The schema of the report and file documents. */
export type Form = SchemaOutput<typeof ReportForm>
/** A call of a filing. */
export type Step = SchemaOutput<typeof FilingSteps>["steps"][number]
/** The CyberTipline's answer to a call. */
export type Answer = SchemaOutput<typeof FilingAnswers>["answers"][number]
/** The documents as they are sent. */
export type Preview = SchemaOutput<typeof ReportPreview>
/** The sheet for manual filing. */
export type Sheet = SchemaOutput<typeof ManualFilingSheet>
/** A case without its context. */
export type CaseHead = SchemaOutput<typeof CaseDetail>
/** A filing authorisation. */
export type AuthorisationView = SchemaOutput<typeof AutomationList>["authorisations"][number]

/** A filter of the list: one state, all open states, or all. */
export type Filter = Summary["state"] | "open" | "all"

const PAGE = 100
/** A report's content is dropped from memory this long after its last use. */
const FORGET_MS = 30_000
const WHILE_FILING_MS = 2_000

/** `GET /v1/reports`, page by page. */
export const reportsQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["reports", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      call<SchemaOutput<typeof ReportList>>("GET", "/v1/reports", {
        query: { state: filter === "all" ? undefined : filter, after: pageParam, limit: PAGE },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  })

/** The reports of a case, newest first. */
export const reportsOfCaseQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["reports", "case", caseId],
    queryFn: async ({ signal }) =>
      (await call<SchemaOutput<typeof ReportList>>("GET", "/v1/reports", { query: { caseId, limit: PAGE }, signal }))
        .reports,
  })

/** Head and progress of a report; polled often while it is being filed. */
export const progressQuery = (reportId: string) =>
  queryOptions({
    queryKey: ["reports", "progress", reportId],
    queryFn: ({ signal }) => call<SchemaOutput<typeof FilingSteps>>("GET", `/v1/reports/${reportId}/steps`, { signal }),
    refetchInterval: ({ state: { data } }) => (data?.report.state === "approved" ? WHILE_FILING_MS : false),
  })

/** The content of one version of a report. */
export const contentQuery = (reportId: string, version: number) =>
  queryOptions({
    queryKey: ["report-content", reportId, version],
    queryFn: ({ signal }) => call<Detail>("GET", `/v1/reports/${reportId}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: FORGET_MS,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

/** The documents of one version, as they are sent. */
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

/** The CyberTipline's answers so far. Reading them is recorded, so they are read only on request. */
export const answersQuery = (reportId: string, calls: number) =>
  queryOptions({
    queryKey: ["report-content", reportId, "answers", calls],
    queryFn: async ({ signal }) =>
      (await call<SchemaOutput<typeof FilingAnswers>>("GET", `/v1/reports/${reportId}/answers`, { signal })).answers,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

/** An answer's bytes exactly as received, in base64. */
export async function readReceived(reportId: string, ordinal: number): Promise<string> {
  return (await call<SchemaOutput<typeof ReceivedAnswer>>("GET", `/v1/reports/${reportId}/answers/${ordinal}`)).received
}

/** The schema, which changes only with the server's version. */
export const formQuery = queryOptions({
  queryKey: ["report-form"],
  queryFn: ({ signal }) => call<Form>("GET", "/v1/report-form", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

/** The head of a case. */
export const caseQuery = (caseId: string) =>
  queryOptions({
    queryKey: ["cases", "one", caseId],
    queryFn: ({ signal }) => call<CaseHead>("GET", `/v1/cases/${encodeURIComponent(caseId)}`, { signal }),
  })
