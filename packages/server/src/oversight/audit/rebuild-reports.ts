/**
 * Reports, rebuilt from the log alone.
 * @module
 */
import type { AuditData, AuditEvent } from "@nightlight/vault/audit"
import { UNATTENDED } from "../../filing/reports/unattended.ts"
import type { ReportState } from "../../platform/db/tables/filing.ts"
import { textOf } from "../../platform/events/read.ts"

/** A report according to the log. Times are those of its events: ISO 8601. */
export interface RebuiltReport {
  readonly caseId: string
  readonly kind: string
  readonly dueAt: string | undefined
  readonly createdAt: string
  environment: string
  state: ReportState
  preparedBy: string
  grantId: string | undefined
  proposedAt: string | undefined
  /** Who approved it last; `undefined` if nobody did, or it is filed automatically. */
  approvedBy: string | undefined
  approvedAt: string | undefined
  /** Why one person filed it alone. */
  singlePersonReason: string | undefined
  /** The filing authorisation under which it is filed. */
  authorisationId: string | undefined
  /** Who reviewed a single-person filing, if anybody. */
  reviewedBy: string | undefined
  reviewedAt: string | undefined
  /** Why it was last held. */
  heldCode: string | undefined
  heldResponseCode: number | undefined
  resumes: number
  /** Who let it count as filed although its receipt differs. */
  receiptAcceptedBy: string | undefined
  remoteReportId: string | undefined
  finishedAt: string | undefined
}

type Take = (report: RebuiltReport, event: AuditEvent) => Partial<RebuiltReport>

const approves: Take = (_, { actor, at }) => ({ state: "approved", approvedBy: actor, approvedAt: at })

const CHANGES: Readonly<Record<string, Take>> = {
  "report.edited": (_, { actor }) => ({
    state: "draft",
    preparedBy: actor,
    grantId: undefined,
    proposedAt: undefined,
  }),
  "report.grant-made": (_, { actor, data }) => ({
    state: "draft",
    preparedBy: actor,
    grantId: textOf(data, "grant"),
    proposedAt: undefined,
  }),
  "report.proposed": (_, { at }) => ({ state: "proposed", proposedAt: at }),
  "report.approved": approves,
  "report.filed-alone": (report, event) => ({
    ...approves(report, event),
    proposedAt: event.at,
    singlePersonReason: textOf(event.data, "reason"),
  }),
  "report.automatic": (_, { at, data }) => ({
    state: "approved",
    approvedAt: at,
    grantId: textOf(data, "grant"),
    authorisationId: textOf(data, "authorisation"),
  }),
  "report.single-person-reviewed": (_, { actor, at }) => ({ reviewedBy: actor, reviewedAt: at }),
  "report.held": ({ remoteReportId }, { data }) => ({
    state: "held",
    heldCode: textOf(data, "code"),
    heldResponseCode: numberOf(data, "responseCode"),
    remoteReportId: optionalOf(data, "remoteReportId") ?? remoteReportId,
  }),
  "report.resumed": ({ receiptAcceptedBy }, { actor, data }) => ({
    state: "approved",
    heldCode: undefined,
    heldResponseCode: undefined,
    resumes: numberOf(data, "resumes") ?? 0,
    receiptAcceptedBy: data["acceptedReceipt"] === true ? actor : receiptAcceptedBy,
  }),
  "report.withdrawn": () => ({ state: "withdrawn" }),
  "report.finished": (_, { at, data }) => ({ state: "finished", finishedAt: at, ...filedOf(data) }),
  "report.filed-manually": (_, { at, data }) => ({
    state: "manual",
    finishedAt: at,
    ...filedOf(data),
    preparedBy: textOf(data, "requestedBy"),
    approvedBy: textOf(data, "approvedBy"),
  }),
}

/** Takes an event; events of other things change nothing. */
export function applyReportEvent(reports: Map<string, RebuiltReport>, event: AuditEvent): void {
  const subject = textOf(event.data, "subject")
  if (event.type === "report.drafted") {
    reports.set(subject, draftOf(event))
    return
  }
  const report = reports.get(subject)
  if (report !== undefined) Object.assign(report, CHANGES[event.type]?.(report, event))
}

function draftOf({ actor, at, data }: AuditEvent): RebuiltReport {
  return {
    caseId: textOf(data, "case"),
    kind: textOf(data, "kind"),
    dueAt: optionalOf(data, "due"),
    createdAt: at,
    environment: textOf(data, "environment"),
    state: "draft",
    preparedBy: "authorisation" in data ? UNATTENDED : actor,
    grantId: undefined,
    proposedAt: undefined,
    approvedBy: undefined,
    approvedAt: undefined,
    singlePersonReason: undefined,
    authorisationId: undefined,
    reviewedBy: undefined,
    reviewedAt: undefined,
    heldCode: undefined,
    heldResponseCode: undefined,
    resumes: 0,
    receiptAcceptedBy: undefined,
    remoteReportId: undefined,
    finishedAt: undefined,
  }
}

function filedOf(data: AuditData): Pick<RebuiltReport, "environment" | "remoteReportId"> {
  return { environment: textOf(data, "environment"), remoteReportId: textOf(data, "remoteReportId") }
}

function optionalOf(data: AuditData, key: string): string | undefined {
  const value = data[key]
  return typeof value === "string" ? value : undefined
}

function numberOf(data: AuditData, key: string): number | undefined {
  const value = data[key]
  return typeof value === "number" ? value : undefined
}
