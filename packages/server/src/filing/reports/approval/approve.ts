/**
 * From draft to approved report: by two people, or by one with a review by another.
 * @module
 */
import { type GrantProof, signedBy } from "@nightlight/contract/custodian"
import { RequestError } from "@nightlight/core"
import type { PersonActor } from "../../../platform/auth/actor.ts"
import { transact } from "../../../platform/events/transact.ts"
import { FILE_REPORT, type ReportDeps } from "../ports.ts"
import { patchReport, type ReportHead, readReportOrThrow } from "../store.ts"
import type { ReportId } from "../types.ts"
import { openPendingGrant, withProof } from "./pending-grant.ts"

/**
 * Proposes a draft with its preparer's proof.
 *
 * @throws {RequestError} `forbidden` to all others; `state_conflict` if the grant is for one person, or as
 *   {@link withProof}.
 */
export function propose(
  deps: ReportDeps,
  actor: PersonActor,
  reportId: ReportId,
  version: number,
  proof: GrantProof,
): Promise<ReportHead> {
  return transact(deps, actor.id, async (tx) => {
    assertOwn(actor, proof)
    const head = await readReportOrThrow(tx.trx, reportId)
    const { grant } = await openPendingGrant(deps, tx.trx, head)
    if (grant.preparedBy !== actor.id) throw new RequestError("forbidden", "another person prepared this report")
    if (grant.singlePerson) throw new RequestError("state_conflict", "this grant is for a single-person filing")
    const patched = await patchReport(
      tx.trx,
      reportId,
      { states: ["draft"], version },
      {
        state: "proposed",
        proven: await withProof(deps, tx.trx, head, proof),
        proposed_at: deps.clock.now(),
      },
    )
    tx.record({
      type: "report.proposed",
      subject: reportId,
      data: { grant: grant.grantId, by: signedBy(proof.signature) },
    })
    return patched
  })
}

/**
 * Approves a proposed report with a second proof, and queues its filing in the same transaction.
 *
 * @throws {RequestError} `second_person_required` if the preparer, or somebody who is not independent of them, tries;
 *   `state_conflict` as {@link withProof}.
 */
export function approve(
  deps: ReportDeps,
  actor: PersonActor,
  reportId: ReportId,
  version: number,
  proof: GrantProof,
): Promise<ReportHead> {
  return transact(deps, actor.id, async (tx) => {
    assertOwn(actor, proof)
    const head = await readReportOrThrow(tx.trx, reportId)
    const isApprover = head.preparedBy !== actor.id && (await deps.areIndependent(tx.trx, head.preparedBy, actor.id))
    if (!isApprover) {
      throw new RequestError("second_person_required", "a report must be approved by somebody other than its preparer")
    }
    const patched = await patchReport(
      tx.trx,
      reportId,
      { states: ["proposed"], version },
      {
        state: "approved",
        proven: await withProof(deps, tx.trx, head, proof),
        approved_by: actor.id,
        approved_at: deps.clock.now(),
        next_try_at: null,
      },
    )
    tx.record({
      type: "report.approved",
      subject: reportId,
      data: { preparedBy: head.preparedBy, by: signedBy(proof.signature) },
    })
    await deps.jobs.enqueue(tx.trx, FILE_REPORT, { reportId })
    return patched
  })
}

/**
 * Approves a draft by its preparer alone, and queues its filing in the same transaction.
 *
 * @throws {RequestError} `state_conflict` unless the preparer's grant is for one person, or as {@link withProof}.
 */
export function fileAlone(
  deps: ReportDeps,
  actor: PersonActor,
  reportId: ReportId,
  { version, proof, reason }: { readonly version: number; readonly proof: GrantProof; readonly reason: string },
): Promise<ReportHead> {
  return transact(deps, actor.id, async (tx) => {
    assertOwn(actor, proof)
    const head = await readReportOrThrow(tx.trx, reportId)
    const { grant } = await openPendingGrant(deps, tx.trx, head)
    if (!grant.singlePerson || grant.preparedBy !== actor.id) {
      throw new RequestError("state_conflict", "request a grant for a single-person filing first")
    }
    const patched = await patchReport(
      tx.trx,
      reportId,
      { states: ["draft"], version },
      {
        state: "approved",
        proven: await withProof(deps, tx.trx, head, proof),
        approved_by: actor.id,
        single_person_reason: reason,
        proposed_at: deps.clock.now(),
        approved_at: deps.clock.now(),
        next_try_at: null,
      },
    )
    tx.record({ type: "report.filed-alone", subject: reportId, data: { reason, by: signedBy(proof.signature) } })
    await deps.jobs.enqueue(tx.trx, FILE_REPORT, { reportId })
    return patched
  })
}

/**
 * Records the review of a single-person filing by somebody independent, or of an automatic one by anybody.
 *
 * @throws {RequestError} `state_conflict` if there is none to review; `second_person_required`.
 */
export function reviewSinglePersonFiling(
  deps: ReportDeps,
  actor: PersonActor,
  reportId: ReportId,
): Promise<ReportHead> {
  return transact(deps, actor.id, async ({ trx, record }) => {
    const head = await readReportOrThrow(trx, reportId, true)
    const isAutomatic = head.authorisationId !== undefined
    if ((head.singlePersonReason === undefined && !isAutomatic) || head.singlePersonReviewedBy !== undefined) {
      throw new RequestError("state_conflict", "this report has no single-person filing to review")
    }
    const isSame = head.preparedBy === actor.id
    if (!isAutomatic && (isSame || !(await deps.areIndependent(trx, head.preparedBy, actor.id)))) {
      throw new RequestError("second_person_required", "somebody else must review a single-person filing")
    }
    const patched = await patchReport(
      trx,
      reportId,
      { states: ["approved", "held", "finished"] },
      {
        single_person_reviewed_by: actor.id,
        single_person_reviewed_at: deps.clock.now(),
      },
    )
    record({ type: "report.single-person-reviewed", subject: reportId })
    return patched
  })
}

function assertOwn(actor: PersonActor, proof: GrantProof): void {
  if (proof.person !== actor.id) throw new RequestError("forbidden", "the proof must be by the person that it names")
}
