/**
 * Files a report that nobody prepared: drafted from the record, allowed by a filing authorisation.
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

/** What it is made with. */
export interface AutomaticReportDeps {
  readonly clock: Clock
  readonly drafts: DraftSource
  readonly reports: Pick<ReportService, "queueUnattended">
  /** Which host reports go to. */
  readonly environment: Environment
}

/** Under what a report is filed. */
export interface AutomaticTerms {
  readonly authorisation: FilingAuthorisation
  /** Those of its lists that the items matched. */
  readonly lists: readonly string[]
}

/**
 * Drafts and approves a report of a case that was decided automatically, and queues its filing.
 *
 * @returns The report's id.
 * @throws {RequestError} `state_conflict` if the report is not one that can be filed without a person: with a problem,
 *   or an item that is a text, whose content is not there, or that somebody viewed.
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
  // What somebody wrote is for a person to read before it is reported.
  const isWithoutText = material.items.every(({ text }) => text === undefined)
  const isUnseen = content.files.every(({ details }) => details.fileViewedByEsp === false)
  if (!isWhole || !isWithoutText || !isUnseen || problemsOf(content, now).length > 0) {
    throw new RequestError("state_conflict", "this report is not one to be filed without a person", {
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
