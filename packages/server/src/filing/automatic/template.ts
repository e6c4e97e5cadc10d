import { FilingTemplate, fixedPartOf } from "@nightlight/contract/custodian"
import type { ServerConfig } from "../../platform/config/schema.ts"
import { reporterOf } from "../reports/draft/collect.ts"
import { draftReport, EARLIER_REPORTS_TEXT, serviceOf, TIME_IS } from "../reports/draft/draft.ts"
import { EXACT_STATEMENTS, EXACT_SUMMARY } from "../reports/draft/matched.ts"
import { PLACE_PARTS, PROVENANCE_LINES } from "../reports/draft/provenance.ts"

/**
 * Everything that an automatically filed report says: the same text as in any other report, with slots for what
 * differs.
 *
 * @throws {RequestError} `state_conflict` if the configuration does not say who reports.
 */
export function automaticTemplate(organisation: ServerConfig["organisation"], now: Date): FilingTemplate {
  const reporter = reporterOf(organisation)
  const { document } = draftReport({
    origin: "direct",
    basis: "18-usc-2252a",
    reportAnnotations: [],
    urgency: undefined,
    items: [],
    reporter,
    account: undefined,
    priorReports: [],
    supplemental: false,
    now,
  })
  return FilingTemplate.parse({
    fixed: fixedPartOf(document),
    service: serviceOf(reporter.company),
    times: Object.values(TIME_IS),
    lines: [EXACT_SUMMARY, EARLIER_REPORTS_TEXT, ...PROVENANCE_LINES],
    place: PLACE_PARTS,
    files: EXACT_STATEMENTS,
  })
}
