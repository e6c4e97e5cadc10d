/**
 * Reports from draft to approval: who may do what in which state. Filing itself is in `filing/`.
 * @module
 */
import { randomUUID } from "node:crypto"
import { type FilingGrant, type GrantProof, signedBy } from "@nightlight/contract/custodian"
import { compact, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { HoldCode, ReportKind } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type EventTransaction, transact } from "../../platform/events/transact.ts"
import { problemsOf } from "./content/problems.ts"
import { draftReport } from "./draft/draft.ts"
import { personOrigins } from "./draft/person-origins.ts"
import { readSteps } from "./filing/filing-store.ts"
import { grantCovers, toFilingGrant } from "./filing/grant.ts"
import { FILE_REPORT, type ReportDeps } from "./ports.ts"
import { insertDraft, patchReport, type ReportHead, readReport, type StoredReport } from "./store.ts"
import type { ReportContent, ReportFile, ReportId } from "./types.ts"
import { queueUnattended, type UnattendedReport } from "./unattended.ts"

/** A report with its content and proofs. */
export interface OpenedReport {
  readonly head: StoredReport
  readonly content: ReportContent
}

/** The life of a report before it is filed. */
export interface ReportService {
  /** Fills a draft from the case. @throws {RequestError} see {@link DraftSource.collect}. */
  draft(actor: PersonActor, caseId: string, kind: ReportKind | undefined): Promise<ReportHead>
  /** Opens a report. @throws {RequestError} `not_found`. */
  open(reportId: ReportId): Promise<OpenedReport>
  /**
   * Replaces the content of a draft; a proposed report becomes a draft again, and its proofs are void.
   *
   * @throws {RequestError} `input_invalid` if a file is not evidence of an item that its case's decision includes.
   */
  edit(
    actor: PersonActor,
    reportId: ReportId,
    version: number,
    content: { readonly document: unknown; readonly files: readonly ReportFile[] },
  ): Promise<ReportHead>
  /**
   * Makes the grant that the preparer proves.
   *
   * @throws {RequestError} `input_invalid` if the report is not valid, or contains what the decision does not include.
   */
  grant(
    actor: PersonActor,
    reportId: ReportId,
    request: { readonly version: number; readonly singlePerson: boolean },
  ): Promise<{ readonly head: ReportHead; readonly grant: FilingGrant }>
  /** The grant of a proposed report, for its approver. */
  pendingGrant(reportId: ReportId): Promise<{ readonly head: ReportHead; readonly grant: FilingGrant }>
  propose(actor: PersonActor, reportId: ReportId, version: number, proof: GrantProof): Promise<ReportHead>
  /**
   * @throws {RequestError} `second_person_required` if the preparer, or somebody who is not independent of them, tries.
   */
  approve(actor: PersonActor, reportId: ReportId, version: number, proof: GrantProof): Promise<ReportHead>
  /** Files without a second person, with a reason; another person reviews it within a day. */
  fileAlone(
    actor: PersonActor,
    reportId: ReportId,
    request: { readonly version: number; readonly proof: GrantProof; readonly reason: string },
  ): Promise<ReportHead>
  /** Files a report that no person prepared; see {@link queueUnattended}. */
  queueUnattended(tx: EventTransaction, report: UnattendedReport): Promise<ReportHead>
  /** Reviews a single-person filing, or an automatic one. */
  reviewSinglePersonFiling(actor: PersonActor, reportId: ReportId): Promise<ReportHead>
  /** Withdraws a report that was not filed and whose filing has not begun. */
  withdraw(actor: PersonActor, reportId: ReportId, version: number): Promise<ReportHead>
  /** Lets a held filing go on. */
  resume(actor: PersonActor, reportId: ReportId, version: number): Promise<ReportHead>
}

/** Holds of a report that the CyberTipline has, or may have. */
const MAYBE_FILED: readonly (string | undefined)[] = ["undecided", "receipt-differs"] satisfies HoldCode[]

/** Creates the service. It keeps no state of its own. */
export function createReports(deps: ReportDeps): ReportService {
  const { db, clock, sealed } = deps

  const readReportOrThrow = async (
    reportId: ReportId,
    within: Kysely<Tables> = db,
    lock = false,
  ): Promise<StoredReport> => {
    const head = await readReport(within, reportId, lock)
    if (head === undefined) throw new RequestError("not_found", "there is no such report")
    return head
  }
  const pendingOf = async (within: Kysely<Tables>, head: StoredReport) => {
    if (head.proven === undefined) throw new RequestError("state_conflict", "the report has no grant yet: request one")
    const { grant, proofs } = await sealed.openGrant(within, head, head.proven)
    if (grant.purpose !== "filing")
      throw new RequestError("state_conflict", "an automatic filing needs no person's proof")
    return { grant, proofs }
  }

  /** Adds a proof to the pending grant, after checking that it still matches the report's content. */
  const prove = async ({ trx }: EventTransaction, head: StoredReport, proof: GrantProof): Promise<Buffer> => {
    const pending = await pendingOf(trx, head)
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
  /**
   * A report contains only what the decision includes; nobody decided to report anything else, above all near matches.
   */
  const assertIncluded = async (trx: Kysely<Tables>, { caseId }: StoredReport, files: readonly ReportFile[]) => {
    const included = new Set(await deps.includedEvidence(trx, caseId))
    if (files.every(({ evidenceId }) => included.has(evidenceId))) return
    throw new RequestError(
      "input_invalid",
      "a report can only contain evidence of items that its case's decision includes",
      {
        hint: "A near match can be reported only if a person who decided the case included it.",
      },
    )
  }
  const assertOwn = (actor: PersonActor, proof: GrantProof): void => {
    if (proof.person !== actor.id) throw new RequestError("forbidden", "the proof must be by the person that it names")
  }

  return {
    draft: (actor, caseId, kind) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const collected = await deps.drafts.collect(trx, caseId, kind)
        const id = `report-${randomUUID()}` as ReportId
        const content = await sealed.sealContent(trx, { id, caseId }, draftReport(collected.material))
        await insertDraft(trx, {
          id,
          case_id: caseId,
          kind: collected.kind,
          environment: deps.environment,
          content,
          prepared_by: actor.id,
          created_at: clock.now(),
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
        return readReportOrThrow(id, trx)
      }),

    open: async (reportId) => {
      const head = await readReportOrThrow(reportId)
      return { head, content: await sealed.openContent(db, head, head.content) }
    },

    edit: (actor, reportId, version, { document, files }) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const head = await readReportOrThrow(reportId, trx)
        await assertIncluded(trx, head, files)
        const before = await sealed.openContent(trx, head, head.content)
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
            content: await sealed.sealContent(trx, head, content),
            prepared_by: actor.id,
            proven: null,
            grant_id: null,
            proposed_at: null,
          },
        )
        record({ type: "report.edited", subject: reportId, data: { version: patched.version } })
        return patched
      }),

    grant: (actor, reportId, { version, singlePerson }) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const head = await readReportOrThrow(reportId, trx)
        const content = await sealed.openContent(trx, head, head.content)
        await assertIncluded(trx, head, content.files)
        const problems = problemsOf(content, clock.now())
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
          now: clock.now(),
        })
        const proven = await sealed.sealGrant(trx, head, { grant, proofs: [] })
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
      }),

    pendingGrant: async (reportId) => {
      const head = await readReportOrThrow(reportId)
      return { head, grant: (await pendingOf(db, head)).grant }
    },

    propose: (actor, reportId, version, proof) =>
      transact(deps, actor.id, async (tx) => {
        assertOwn(actor, proof)
        const head = await readReportOrThrow(reportId, tx.trx)
        const { grant } = await pendingOf(tx.trx, head)
        if (grant.preparedBy !== actor.id) throw new RequestError("forbidden", "another person prepared this report")
        if (grant.singlePerson) throw new RequestError("state_conflict", "this grant is for a single-person filing")
        const patched = await patchReport(
          tx.trx,
          reportId,
          { states: ["draft"], version },
          {
            state: "proposed",
            proven: await prove(tx, head, proof),
            proposed_at: clock.now(),
          },
        )
        tx.record({
          type: "report.proposed",
          subject: reportId,
          data: { grant: grant.grantId, by: signedBy(proof.signature) },
        })
        return patched
      }),

    approve: (actor, reportId, version, proof) =>
      transact(deps, actor.id, async (tx) => {
        assertOwn(actor, proof)
        const head = await readReportOrThrow(reportId, tx.trx)
        const isApprover =
          head.preparedBy !== actor.id && (await deps.areIndependent(tx.trx, head.preparedBy, actor.id))
        if (!isApprover) {
          throw new RequestError(
            "second_person_required",
            "a report must be approved by somebody other than its preparer",
          )
        }
        const patched = await patchReport(
          tx.trx,
          reportId,
          { states: ["proposed"], version },
          {
            state: "approved",
            proven: await prove(tx, head, proof),
            approved_by: actor.id,
            approved_at: clock.now(),
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
      }),

    fileAlone: (actor, reportId, { version, proof, reason }) =>
      transact(deps, actor.id, async (tx) => {
        assertOwn(actor, proof)
        const head = await readReportOrThrow(reportId, tx.trx)
        const { grant } = await pendingOf(tx.trx, head)
        if (!grant.singlePerson || grant.preparedBy !== actor.id) {
          throw new RequestError("state_conflict", "request a grant for a single-person filing first")
        }
        const patched = await patchReport(
          tx.trx,
          reportId,
          { states: ["draft"], version },
          {
            state: "approved",
            proven: await prove(tx, head, proof),
            approved_by: actor.id,
            single_person_reason: reason,
            proposed_at: clock.now(),
            approved_at: clock.now(),
            next_try_at: null,
          },
        )
        tx.record({ type: "report.filed-alone", subject: reportId, data: { reason, by: signedBy(proof.signature) } })
        await deps.jobs.enqueue(tx.trx, FILE_REPORT, { reportId })
        return patched
      }),

    queueUnattended: (tx, report) => queueUnattended(deps, tx, report),

    reviewSinglePersonFiling: (actor, reportId) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const head = await readReportOrThrow(reportId, trx, true)
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
            single_person_reviewed_at: clock.now(),
          },
        )
        record({ type: "report.single-person-reviewed", subject: reportId })
        return patched
      }),

    withdraw: (actor, reportId, version) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const head = await readReportOrThrow(reportId, trx)
        if (head.state === "held" && MAYBE_FILED.includes(head.heldCode)) {
          throw new RequestError("state_conflict", "this report was filed, or may have been: resume it first")
        }
        const patched = await patchReport(
          trx,
          reportId,
          { states: ["draft", "proposed", "approved", "held"], version },
          { state: "withdrawn" },
        )
        // The row is locked now: a worker that starts later finds it withdrawn, and one that has started was faster.
        if (head.state === "approved" && (await readSteps(trx, reportId)).length > 0) {
          throw new RequestError("state_conflict", "the filing has begun: it will finish, or be held for a person")
        }
        record({ type: "report.withdrawn", subject: reportId })
        return patched
      }),

    resume: (actor, reportId, version) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const head = await readReportOrThrow(reportId, trx)
        const patched = await patchReport(
          trx,
          reportId,
          { states: ["held"], version },
          compact({
            state: "approved",
            resumes: head.resumes + 1,
            held_code: null,
            held_response_code: null,
            next_try_at: null,
            lease_token: null,
            lease_until: null,
            receipt_accepted_by: head.heldCode === "receipt-differs" ? actor.id : undefined,
          }),
        )
        const data = { resumes: patched.resumes, acceptedReceipt: head.heldCode === "receipt-differs" }
        record({ type: "report.resumed", subject: reportId, data })
        await deps.jobs.enqueue(trx, FILE_REPORT, { reportId })
        return patched
      }),
  }
}
