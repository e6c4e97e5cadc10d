/**
 * Files a report that nobody prepared: drafted from the record, permitted by a filing authorisation.
 * @module
 */
import { randomUUID } from "node:crypto"
import type { AutomaticFilingGrant, FilingAuthorisation } from "@nightlight/contract/custodian"
import { type Clock, RequestError } from "@nightlight/core"
import type { Environment } from "../../platform/db/tables/filing.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import { problemsOf } from "../reports/content/problems.ts"
import { draftReport } from "../reports/draft/draft.ts"
import { grantOf } from "../reports/filing/grant.ts"
import type { DraftSource } from "../reports/ports.ts"
import type { ReportService } from "../reports/service.ts"
import type { ReportId } from "../reports/types.ts"
import { automaticMaterial } from "./material.ts"

/** Dependencies of {@link fileAutomatically}. */
export interface AutomaticReportDeps {
  readonly clock: Clock
  readonly drafts: DraftSource
  readonly reports: Pick<ReportService, "queueUnattended">
  /** The host that reports go to. */
  readonly environment: Environment
}

/** Terms under which a report is filed. */
export interface AutomaticTerms {
  readonly authorisation: FilingAuthorisation
  /** Lists of the authorisation that the items matched. */
  readonly lists: readonly string[]
}

/**
 * Drafts and approves a report of a case that was decided automatically, and queues its filing.
 *
 * @returns The report's id.
 * @throws {RequestError} `state_conflict` if the report cannot be filed without a person: it has a problem, or an item
 *   is a text, lacks its content, or was viewed by somebody.
 */
export async function fileAutomatically(
  { clock, drafts, reports, environment }: AutomaticReportDeps,
  tx: EventTransaction,
  caseId: string,
  { authorisation, lists }: AutomaticTerms,
): Promise<ReportId> {
  const { material: whole, manualReports, kind, dueAt } = await drafts.collect(tx.trx, caseId, undefined)
  const material = automaticMaterial(whole, manualReports)
  const content = draftReport(material)
  const now = clock.now()
  const isWhole = content.files.length > 0 && content.files.length === material.items.length
  // A person must read what somebody wrote before it is reported.
  const isWithoutText = material.items.every(({ text }) => text === undefined)
  const isUnseen = content.files.every(({ details }) => details.fileViewedByEsp === false)
  if (!isWhole || !isWithoutText || !isUnseen || problemsOf(content, now).length > 0) {
    throw new RequestError("state_conflict", "this report cannot be filed without a person", {
      details: { reason: "not-fileable" },
    })
  }
  const id = `report-${randomUUID()}` as ReportId
  const { authorisationId, template } = authorisation
  const grant: AutomaticFilingGrant = {
    ...grantOf({ reportId: id, caseId, content, environment, now }),
    purpose: "automatic-filing",
    authorisationId,
    template,
    lists: [...lists],
  }
  await reports.queueUnattended(tx, { id, caseId, kind, content, grant, dueAt })
  return id
}
