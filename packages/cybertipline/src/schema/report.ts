import { reportRule } from "../rules/report.ts"
import { named, optional, repeated, required, requiredAttribute, ruled, sequence } from "./build.ts"
import { incidentSummary, internetDetails } from "./incident.ts"
import type { ValueOf } from "./infer.ts"
import { intendedRecipient, lawEnforcement, personOrUserReported, reporter, victim } from "./people.ts"
import { oneOf, text } from "./scalars.ts"
import { BATCH_REASONS } from "./vocabulary.ts"

const batchedReport = named(
  "batchedReport",
  sequence([], requiredAttribute("reason", oneOf("batchedReportReason", BATCH_REASONS))),
)

/** The document that opens a report. */
export const reportElement = required(
  "report",
  ruled(
    sequence([
      optional("batchedReport", batchedReport),
      required("incidentSummary", incidentSummary),
      repeated("internetDetails", internetDetails),
      optional("lawEnforcement", lawEnforcement),
      required("reporter", reporter),
      repeated("personOrUserReported", personOrUserReported, { doc: "At most one, unless the report is batched." }),
      repeated("intendedRecipient", intendedRecipient),
      repeated("victim", victim),
      optional("additionalInfo", text),
    ]),
    reportRule,
  ),
)

/** A `<report>` as a plain object, members under their XML names. */
export type ReportInput = ValueOf<typeof reportElement.type>
