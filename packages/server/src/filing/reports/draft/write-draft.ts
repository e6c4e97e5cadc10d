/**
 * Drafts: filling one from a case, and replacing its content.
 * @module
 */
import { randomUUID } from "node:crypto"
import { RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../../platform/auth/actor.ts"
import type { ReportKind } from "../../../platform/db/tables/filing.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { transact } from "../../../platform/events/transact.ts"
import type { ReportDeps } from "../ports.ts"
import { insertDraft, patchReport, type ReportHead, readReportOrThrow, type StoredReport } from "../store.ts"
import type { ReportContent, ReportFile, ReportId } from "../types.ts"
import { draftReport } from "./draft.ts"
import { personOrigins } from "./person-origins.ts"

/** Fills a draft from the case and seals it under the case's context key. @throws as `DraftSource.collect` does. */
export function writeDraft(
  deps: ReportDeps,
  actor: PersonActor,
  caseId: string,
  kind: ReportKind | undefined,
): Promise<ReportHead> {
  return transact(deps, actor.id, async ({ trx, record }) => {
    const collected = await deps.drafts.collect(trx, caseId, kind)
    const id = `report-${randomUUID()}` as ReportId
    const content = await deps.sealed.sealContent(trx, { id, caseId }, draftReport(collected.material))
    await insertDraft(trx, {
      id,
      case_id: caseId,
      kind: collected.kind,
      environment: deps.environment,
      content,
      prepared_by: actor.id,
      created_at: deps.clock.now(),
      due_at: collected.dueAt ?? null,
    })
    record({
      type: "report.drafted",
      subject: id,
      data: {
        case: caseId,
        kind: collected.kind,
        environment: deps.environment,
        due: collected.dueAt?.toISOString(),
      },
    })
    return readReportOrThrow(trx, id)
  })
}

/**
 * Replaces the content of a draft or of a proposed report, which becomes a draft without proofs.
 *
 * @throws {RequestError} `not_found`; `state_conflict` if the report has another version by now; as
 *   {@link assertIncluded}.
 */
export function editDraft(
  deps: ReportDeps,
  actor: PersonActor,
  reportId: ReportId,
  version: number,
  { document, files }: { readonly document: unknown; readonly files: readonly ReportFile[] },
): Promise<ReportHead> {
  return transact(deps, actor.id, async ({ trx, record }) => {
    const head = await readReportOrThrow(trx, reportId)
    await assertIncluded(deps, trx, head, files)
    const before = await deps.sealed.openContent(trx, head, head.content)
    const content: ReportContent = {
      document: document as ReportContent["document"],
      files,
      origins: { ...before.origins, ...personOrigins(before, { document, files }) },
    }
    const patched = await patchReport(
      trx,
      reportId,
      { states: ["draft", "proposed"], version },
      {
        state: "draft",
        content: await deps.sealed.sealContent(trx, head, content),
        prepared_by: actor.id,
        proven: null,
        grant_id: null,
        proposed_at: null,
      },
    )
    record({ type: "report.edited", subject: reportId, data: { version: patched.version } })
    return patched
  })
}

/**
 * A report contains only what the decision includes; nobody decided to report anything else, above all near matches.
 *
 * @throws {RequestError} `input_invalid` if a file is not evidence of an item that the case's decision includes.
 */
export async function assertIncluded(
  { includedEvidence }: Pick<ReportDeps, "includedEvidence">,
  trx: Kysely<Tables>,
  { caseId }: StoredReport,
  files: readonly ReportFile[],
): Promise<void> {
  const included = new Set(await includedEvidence(trx, caseId))
  if (files.every(({ evidenceId }) => included.has(evidenceId))) return
  throw new RequestError(
    "input_invalid",
    "a report can only contain evidence of items that its case's decision includes",
    {
      hint: "A near match can be reported only if a person who decided the case included it.",
    },
  )
}
