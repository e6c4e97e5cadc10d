/**
 * Fills a report from recorded facts. Nothing is guessed: unknown facts are left out, and each statement names its
 * source.
 * @module
 */
import { compact } from "@nightlight/core"
import type { ReportInput } from "@nightlight/cybertipline"
import type { LegalBasis } from "../../../platform/db/tables/casework.ts"
import type { ReportContent, StatementOrigin } from "../types.ts"
import { fileOf } from "./file.ts"
import { matchSummary } from "./matched.ts"
import type { DraftMaterial } from "./material.ts"
import { provenanceText, usableUrls } from "./provenance.ts"

type IncidentType = ReportInput["incidentSummary"]["incidentType"]

/** The CyberTipline's incident type for each basis. */
const INCIDENT_TYPE: Readonly<Record<LegalBasis, IncidentType>> = {
  "18-usc-2252a": "Child Pornography (possession, manufacture, and distribution)",
  "18-usc-2251": "Child Pornography (possession, manufacture, and distribution)",
  "18-usc-1466a-voluntary": "Child Pornography (possession, manufacture, and distribution)",
  "18-usc-1591": "Child Sex Trafficking",
  "18-usc-2422b": "Online Enticement of Children for Sexual Acts",
}

/** Meaning of the time of an incident. */
export const TIME_IS: Readonly<Record<DraftMaterial["origin"], string>> = {
  dataset:
    "Time at which the item was found while screening a dataset. When it was placed at its source is not known to us.",
  account: "Time at which the item was found on our service.",
  direct: "Time at which the item was submitted for screening.",
}

/**
 * Used where nobody is reported, since the schema then has no element for earlier reports. `{reports}`: their ids,
 * separated by commas.
 */
export const EARLIER_REPORTS_TEXT = "Earlier CyberTipline reports about the same source: {reports}."

/** The name of our service in the details of a reported person. */
export function serviceOf(name: string): string {
  return name.slice(0, 100)
}

const VOLUNTARY = "Reported voluntarily (18 USC 1466A)."

/** Makes a draft. Validation decides whether it may be filed. */
export function draftReport(material: DraftMaterial): ReportContent {
  const origins: Record<string, StatementOrigin> = {}
  const document: ReportInput = {
    incidentSummary: incidentOf(material, origins),
    ...placeOf(material, origins),
    reporter: reporterOf(material, origins),
    ...personOf(material, origins),
    ...additionalOf(material, origins),
  }
  const files = material.items
    .filter((caseItem) => caseItem.hasContent && caseItem.evidence !== undefined)
    .map((caseItem, position) => fileOf(caseItem, { material, position, origins }))
    .filter((file) => file !== undefined)
  return { document, files, origins }
}

function incidentOf(material: DraftMaterial, origins: Record<string, StatementOrigin>): ReportInput["incidentSummary"] {
  const { basis, origin, reportAnnotations, urgency, reporter } = material
  const path = "document.incidentSummary"
  origins[`${path}.incidentType`] = "decision"
  origins[`${path}.platform`] = "configuration"
  origins[`${path}.incidentDateTime`] = "detection"
  origins[`${path}.incidentDateTimeDescription`] = "detection"
  if (urgency !== undefined) origins[`${path}.escalateToHighPriority`] = "decision"
  if (reportAnnotations.length > 0) origins[`${path}.reportAnnotations`] = "decision"
  return compact({
    incidentType: INCIDENT_TYPE[basis],
    platform: reporter.company.slice(0, 256),
    escalateToHighPriority: urgency,
    reportAnnotations:
      reportAnnotations.length === 0
        ? undefined
        : Object.fromEntries(reportAnnotations.map((name) => [name, true as const])),
    incidentDateTime: incidentTime(material),
    incidentDateTimeDescription: TIME_IS[origin],
  })
}

/** The earliest item, or a second ago: the CyberTipline accepts only times in the past. */
function incidentTime({ items: caseItems, now }: DraftMaterial): string {
  const latest = new Date(now.getTime() - 1000).toISOString()
  return (
    caseItems
      .map(({ foundAt }) => foundAt)
      .toSorted()
      .find((at) => at < latest) ?? latest
  )
}

function placeOf(
  material: DraftMaterial,
  origins: Record<string, StatementOrigin>,
): Pick<ReportInput, "internetDetails"> {
  const { origin, items: caseItems } = material
  if (origin === "dataset") {
    const url = usableUrls(caseItems.flatMap(({ locations }) => locations))
    origins["document.internetDetails"] = "sealed-context"
    // The host is known where its address is.
    const known = url.length > 0
    const webPageIncident = compact({
      thirdPartyHostedContent: known ? true : undefined,
      url: known ? url : undefined,
    })
    return { internetDetails: [{ webPageIncident }] }
  }
  const texts = caseItems.map(({ text }) => text).filter((text) => text !== undefined)
  if (texts.length === 0) return {}
  origins["document.internetDetails"] = "sealed-context"
  return { internetDetails: [{ chatImIncident: { content: texts.join("\n\n") } }] }
}

function reporterOf({ reporter }: DraftMaterial, origins: Record<string, StatementOrigin>): ReportInput["reporter"] {
  origins["document.reporter"] = "configuration"
  const { contact, termsUrl, legalUrl } = reporter
  const person = compact({
    firstName: contact.firstName,
    lastName: contact.lastName,
    phone: contact.phone === undefined ? undefined : [{ value: contact.phone }],
    email: [{ value: contact.email }],
  })
  return compact({
    reportingPerson: { email: [{ value: contact.email }] },
    contactPerson: person,
    termsOfService: termsUrl,
    legalURL: legalUrl,
  })
}

function personOf(
  { account, priorReports }: DraftMaterial,
  origins: Record<string, StatementOrigin>,
): Pick<ReportInput, "personOrUserReported"> {
  if (account === undefined) return {}
  const path = "document.personOrUserReported[0]"
  origins[`${path}.espIdentifier`] = "sealed-context"
  if (account.service !== undefined) origins[`${path}.espService`] = "configuration"
  if (priorReports.length > 0) origins[`${path}.priorCTReports`] = "earlier-report"
  return {
    personOrUserReported: [
      compact({
        espIdentifier: account.identifier.slice(0, 255),
        espService: account.service === undefined ? undefined : serviceOf(account.service),
        ipCaptureEvent:
          account.ipCaptures.length === 0
            ? undefined
            : account.ipCaptures.map(({ address, port, at }) =>
                compact({
                  ipAddress: address,
                  eventName: "Upload" as const,
                  dateTime: at,
                  port,
                }),
              ),
        priorCTReports: priorReports.length === 0 ? undefined : [...priorReports],
      }),
    ],
  }
}

function additionalOf(
  material: DraftMaterial,
  origins: Record<string, StatementOrigin>,
): Pick<ReportInput, "additionalInfo"> {
  const { basis, priorReports, account } = material
  const lines = [
    ...(basis === "18-usc-1466a-voluntary" ? [VOLUNTARY] : []),
    ...(account === undefined && priorReports.length > 0
      ? [EARLIER_REPORTS_TEXT.replace("{reports}", priorReports.join(", "))]
      : []),
    ...(material.items.length > 0 ? [matchSummary(material.items)] : []),
    ...provenanceText(material),
  ]
  if (lines.length === 0) return {}
  origins["document.additionalInfo"] = "sealed-context"
  return { additionalInfo: lines.join("\n") }
}
