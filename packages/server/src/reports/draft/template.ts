import { fixedPartOf } from "@nightlight/contract/custodian"
import type { JsonValue } from "@nightlight/core"
import type { ServerConfig } from "../../config/schema.ts"
import { reporterOf } from "./collect.ts"
import { draftReport } from "./draft.ts"

/**
 * What every report that is filed without a person says in the same words.
 *
 * @throws {RequestError} `state_conflict` if the configuration does not say who reports.
 */
export function automaticTemplate(organisation: ServerConfig["organisation"], now: Date): JsonValue {
  const { document } = draftReport({
    origin: "direct",
    basis: "18-usc-2252a",
    reportAnnotations: [],
    urgency: undefined,
    finds: [],
    reporter: reporterOf(organisation),
    account: undefined,
    priorReports: [],
    supplemental: false,
    now,
  })
  return fixedPartOf(document)
}
