/**
 * Files a report that nobody prepared: drafted from the record, allowed by a standing authorisation.
 * @module
 */
import { randomUUID } from "node:crypto"
import type { Standing } from "@nightlight/contract/custodian"
import { RequestError } from "@nightlight/core"
import type { Change } from "../../platform/events/change.ts"
import { FILE_REPORT, type ReportDeps } from "./deps.ts"
import { automaticMaterial } from "./draft/automatic-material.ts"
import { draftReport } from "./draft/draft.ts"
import { toAutomaticGrant } from "./filing/grant.ts"
import { problemsOf } from "./problems.ts"
import { insertDraft, patchReport, type ReportHead } from "./store.ts"
import type { ReportId } from "./types.ts"

/** Stands where the preparer's id does, of a report that no person prepares. */
export const AUTOMATIC = "system-automatic"

/** Under what a report is filed. */
export interface AutomaticTerms {
  readonly standing: Standing
  /** Those of its lists that the finds matched. */
  readonly lists: readonly string[]
}

/**
 * Drafts and approves a report of a case that was decided automatically, and queues its filing.
 *
 * @throws {RequestError} `state_conflict` if the report is not one that can be filed without a person: with a problem,
 *   or a find that is a text, whose content is not there, or that somebody viewed.
 */
export async function fileAutomatically(
  deps: ReportDeps,
  { trx, record }: Change,
  caseId: string,
  { standing, lists }: AutomaticTerms,
): Promise<ReportHead> {
  const { sealed, clock, environment } = deps
  const { material: whole, manualReports, kind, dueAt } = await deps.drafts.collect(trx, caseId, undefined)
  const material = automaticMaterial(whole, manualReports)
  const content = draftReport(material)
  const now = clock.now()
  const isWhole = content.files.length > 0 && content.files.length === material.finds.length
  // What somebody wrote is for a person to read before it is reported.
  const isWithoutText = material.finds.every(({ text }) => text === undefined)
  const isUnseen = content.files.every(({ details }) => details.fileViewedByEsp === false)
  if (!isWhole || !isWithoutText || !isUnseen || problemsOf(content, now).length > 0) {
    throw new RequestError("state_conflict", "this report is not one to be filed without a person", {
      details: { reason: "not-fileable" },
    })
  }
  const id = `report-${randomUUID()}` as ReportId
  const { standingId, template } = standing
  const grant = toAutomaticGrant({ reportId: id, caseId, content, environment, standingId, template, lists, now })
  await insertDraft(trx, {
    id,
    case_id: caseId,
    kind,
    environment,
    content: await sealed.sealContent(trx, { id, caseId }, content),
    prepared_by: AUTOMATIC,
    created_at: now,
    due_at: dueAt ?? null,
  })
  const due = dueAt?.toISOString()
  record({ type: "report.drafted", subject: id, data: { case: caseId, kind, environment, due, standing: standingId } })
  const proven = await sealed.sealGrant(trx, { id, caseId }, { grant, proofs: [] })
  const approved = await patchReport(
    trx,
    id,
    { states: ["draft"], version: 1 },
    { state: "approved", proven, grant_id: grant.grantId, standing_id: standingId, approved_at: now },
  )
  record({ type: "report.automatic", subject: id, data: { standing: standingId, grant: grant.grantId } })
  await deps.jobs.enqueue(trx, FILE_REPORT, { reportId: id })
  return approved
}
