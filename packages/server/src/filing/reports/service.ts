/**
 * Reports from draft to approval: who may do what in which state. Filing itself is in `filing/`.
 * @module
 */
import type { FilingGrant, GrantProof } from "@nightlight/contract/custodian"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { ReportKind } from "../../platform/db/tables/filing.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import { approve, fileAlone, propose, reviewSinglePersonFiling } from "./approval/approve.ts"
import { makeGrant, openPendingGrant } from "./approval/pending-grant.ts"
import { editDraft, writeDraft } from "./draft/write-draft.ts"
import { readSteps } from "./filing/filing-store.ts"
import type { FilingStep } from "./filing/steps.ts"
import { resume, withdraw } from "./filing/withdraw.ts"
import type { ReportDeps } from "./ports.ts"
import {
  listReports,
  type ReportHead,
  type ReportQuery,
  readReport,
  readReportOrThrow,
  type StoredReport,
} from "./store.ts"
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
  exists(reportId: ReportId): Promise<boolean>
  /** Newest first, without their content. */
  list(query: ReportQuery): Promise<readonly ReportHead[]>
  /** Reads a report without opening its content. @throws {RequestError} `not_found`. */
  get(reportId: ReportId): Promise<ReportHead>
  /** The calls of a report's filing so far, in the order they were started. */
  steps(reportId: ReportId): Promise<readonly FilingStep[]>
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

/** Each change is one transaction, with its event; the content stays sealed under the case's context key. */
export function createReports(deps: ReportDeps): ReportService {
  const { db, sealed } = deps
  return {
    draft: (actor, caseId, kind) => writeDraft(deps, actor, caseId, kind),
    exists: async (reportId) => (await readReport(db, reportId)) !== undefined,
    list: (query) => listReports(db, query),
    get: (reportId) => readReportOrThrow(db, reportId),
    steps: (reportId) => readSteps(db, reportId),
    open: async (reportId) => {
      const head = await readReportOrThrow(db, reportId)
      return { head, content: await sealed.openContent(db, head, head.content) }
    },
    edit: (actor, reportId, version, content) => editDraft(deps, actor, reportId, version, content),
    grant: (actor, reportId, request) => makeGrant(deps, actor, reportId, request),
    pendingGrant: async (reportId) => {
      const head = await readReportOrThrow(db, reportId)
      return { head, grant: (await openPendingGrant(deps, db, head)).grant }
    },
    propose: (actor, reportId, version, proof) => propose(deps, actor, reportId, version, proof),
    approve: (actor, reportId, version, proof) => approve(deps, actor, reportId, version, proof),
    fileAlone: (actor, reportId, request) => fileAlone(deps, actor, reportId, request),
    queueUnattended: (tx, report) => queueUnattended(deps, tx, report),
    reviewSinglePersonFiling: (actor, reportId) => reviewSinglePersonFiling(deps, actor, reportId),
    withdraw: (actor, reportId, version) => withdraw(deps, actor, reportId, version),
    resume: (actor, reportId, version) => resume(deps, actor, reportId, version),
  }
}
