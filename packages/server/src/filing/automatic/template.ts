import { FilingTemplate, fixedPartOf } from "@nightlight/contract/custodian"
import type { ServerConfig } from "../../platform/config/schema.ts"
import { reporterOf } from "../reports/draft/collect.ts"
import { draftReport, EARLIER_REPORTS_TEXT, serviceOf, TIME_IS } from "../reports/draft/draft.ts"
import { exactMatchText, summaryText } from "../reports/draft/matched.ts"
import { PRIVATE_SOURCE, PROVENANCE_LINES } from "../reports/draft/provenance.ts"

/** How a file may have matched exactly. */
const EXACT_STATEMENTS = ["SHA-1 equals that of", "SHA-256 equals that of", "SHA-1 and SHA-256 equal those of"].map(
  exactMatchText,
)

/** The parts of a line about a place, in the order in which a report writes them. */
const PLACE_PARTS = [
  "SHA-256: {sha256}",
  "source: {url}",
  `source: ${PRIVATE_SOURCE}`,
  "dataset: {name}",
  "shard: {name}",
  "key: {name}",
  "declared licence: {name}",
  "found: {time}",
]

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
    lines: [summaryText({ exact: "{files}" }), EARLIER_REPORTS_TEXT, ...Object.values(PROVENANCE_LINES)],
    place: PLACE_PARTS,
    files: EXACT_STATEMENTS,
  })
}
