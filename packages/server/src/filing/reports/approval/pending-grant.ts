/**
 * The grant of a report that is not filed yet, which its preparer and its approver prove one after the other.
 * @module
 */
import type { FilingGrant, GrantProof } from "@nightlight/contract/custodian"
import { RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../../platform/auth/actor.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { transact } from "../../../platform/events/transact.ts"
import { problemsOf } from "../content/problems.ts"
import { assertIncluded } from "../draft/write-draft.ts"
import { grantCovers, toFilingGrant } from "../filing/grant.ts"
import type { ReportDeps } from "../ports.ts"
import { patchReport, type ReportHead, readReportOrThrow, type StoredReport } from "../store.ts"
import type { ReportId } from "../types.ts"

/**
 * Makes a new grant without proofs. The actor becomes the preparer, and a proposed report a draft.
 *
 * @throws {RequestError} `input_invalid` if the report is not valid, or as {@link assertIncluded}.
 */
export function makeGrant(
  deps: ReportDeps,
  actor: PersonActor,
  reportId: ReportId,
  { version, singlePerson }: { readonly version: number; readonly singlePerson: boolean },
): Promise<{ readonly head: ReportHead; readonly grant: FilingGrant }> {
  return transact(deps, actor.id, async ({ trx, record }) => {
    const head = await readReportOrThrow(trx, reportId)
    const content = await deps.sealed.openContent(trx, head, head.content)
    await assertIncluded(deps, trx, head, content.files)
    const problems = problemsOf(content, deps.clock.now())
    if (problems.length > 0) {
      throw new RequestError("input_invalid", "the CyberTipline would refuse this report", {
        details: { problems: problems.length },
        hint: "GET the report: each problem names its path.",
      })
    }
    const { caseId, environment } = head
    const grant = toFilingGrant({
      reportId,
      caseId,
      content,
      environment,
      preparedBy: actor.id,
      singlePerson,
      now: deps.clock.now(),
    })
    const proven = await deps.sealed.sealGrant(trx, head, { grant, proofs: [] })
    const patched = await patchReport(
      trx,
      reportId,
      { states: ["draft", "proposed"], version },
      {
        state: "draft",
        proven,
        grant_id: grant.grantId,
        prepared_by: actor.id,
        proposed_at: null,
      },
    )
    record({ type: "report.grant-made", subject: reportId, data: { grant: grant.grantId, singlePerson } })
    return { head: patched, grant }
  })
}

/**
 * Opens the grant of a report, with the proofs given so far.
 *
 * @throws {RequestError} `state_conflict` if it has none yet, or one of automatic filing.
 */
export async function openPendingGrant(
  { sealed }: Pick<ReportDeps, "sealed">,
  within: Kysely<Tables>,
  head: StoredReport,
) {
  if (head.proven === undefined) throw new RequestError("state_conflict", "the report has no grant yet: request one")
  const { grant, proofs } = await sealed.openGrant(within, head, head.proven)
  if (grant.purpose !== "filing")
    throw new RequestError("state_conflict", "an automatic filing needs no person's proof")
  return { grant, proofs }
}

/**
 * Adds a proof to the pending grant, replacing an earlier one by the same person.
 *
 * @returns The grant with its proofs, sealed.
 * @throws {RequestError} `state_conflict` if the report was changed since, or the grant has expired.
 */
export async function withProof(
  deps: Pick<ReportDeps, "sealed" | "clock">,
  trx: Kysely<Tables>,
  head: StoredReport,
  proof: GrantProof,
): Promise<Buffer> {
  const { sealed, clock } = deps
  const pending = await openPendingGrant(deps, trx, head)
  const content = await sealed.openContent(trx, head, head.content)
  if (!grantCovers(pending.grant, content)) {
    throw new RequestError("state_conflict", "the report was changed after its grant was made: request a new one")
  }
  if (pending.grant.expiresAt <= clock.now().toISOString()) {
    throw new RequestError("state_conflict", "the grant has expired: its preparer must prove a new one")
  }
  const proofs = [...pending.proofs.filter(({ person }) => person !== proof.person), proof]
  return sealed.sealGrant(trx, head, { grant: pending.grant, proofs })
}
