/**
 * Open work of those who report: cases without a report, and reports with the person whose turn it is.
 * @module
 */
import { HOUR_MS } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { UnfiledCase } from "../../../casework/cases/types.ts"
import type { PersonActor } from "../../../platform/auth/actor.ts"
import { can } from "../../../platform/auth/permissions.ts"
import type { Environment } from "../../../platform/db/tables/filing.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { SINGLE_PERSON_REVIEW_HOURS } from "../jobs/watch-single-person-filings.ts"
import type { AreIndependent } from "../ports.ts"
import { countInProgress, readReported, readUnreviewed, readWaiting, type WaitingReport } from "./worklist-store.ts"

/** Work for somebody: a case to report, or a report. */
export interface DueReport {
  /** `to-prepare` is about a case, all others about a report. */
  readonly code: "to-prepare" | "draft" | "to-approve" | "held" | "to-review-afterwards"
  readonly id: string
  readonly dueAt: Date | undefined
  readonly sinceAt: Date
}

/** Numbers of reports by the work that they wait for. */
export interface ReportCounts {
  /** Cases decided as reportable without a report in effect; at most 1,000 cases are counted. */
  readonly toPrepare: number
  readonly draft: number
  readonly proposed: number
  /** Approved, and not held. */
  readonly filing: number
  readonly held: number
}

/** The worklist of those who report. */
export interface ReportWorklist {
  /** Reports that wait for this person, by their permissions; unordered. */
  due(person: PersonActor): Promise<readonly DueReport[]>
  counts(): Promise<ReportCounts>
}

/** Dependencies of {@link createReportWorklist}. */
export interface ReportWorklistDeps {
  readonly db: Kysely<Tables>
  readonly environment: Environment
  readonly areIndependent: AreIndependent
  /** Cases that were decided as reportable and are not filed. */
  readonly unfiled: (limit: number) => Promise<readonly UnfiledCase[]>
}

const MAX_CASES = 1000
const MAX_REPORTS = 200

/** Lists at most 1,000 cases without a report and 200 reports of each kind of work. */
export function createReportWorklist({ db, environment, areIndependent, unfiled }: ReportWorklistDeps): ReportWorklist {
  const unprepared = async (): Promise<readonly UnfiledCase[]> => {
    const cases = await unfiled(MAX_CASES)
    const ids = cases.map(({ caseId }) => caseId)
    const reported = await readReported(db, ids, environment)
    return cases.filter(({ caseId }) => !reported.has(caseId))
  }

  /** A preparer's work: own drafts, held reports, and cases without a report. */
  const toPrepare = async ({ id }: PersonActor): Promise<readonly DueReport[]> => {
    const [reports, cases] = await Promise.all([readWaiting(db, ["draft", "held"], MAX_REPORTS), unprepared()])
    const own = reports.filter(({ state, preparedBy }) => state === "held" || preparedBy === id)
    return [
      ...cases.map(({ caseId, decidedAt, dueAt }) => ({
        code: "to-prepare" as const,
        id: caseId,
        dueAt,
        sinceAt: decidedAt,
      })),
      ...own.map((report) => ({
        code: report.state === "held" ? ("held" as const) : ("draft" as const),
        id: report.id,
        dueAt: report.dueAt,
        sinceAt: report.approvedAt ?? report.createdAt,
      })),
    ]
  }

  /** A second person's work: reports to approve, and filings to review that were made without one. */
  const toApprove = async (person: PersonActor): Promise<readonly DueReport[]> => {
    const due: DueReport[] = []
    const [proposed, unreviewed] = await Promise.all([
      readWaiting(db, ["proposed"], MAX_REPORTS),
      readUnreviewed(db, MAX_REPORTS),
    ])
    const seconds = await secondsOf(person, [...proposed, ...unreviewed])
    const mayStandBeside = (report: WaitingReport) =>
      report.authorisationId !== undefined || seconds.has(report.preparedBy)
    for (const { id, dueAt, createdAt, proposedAt } of proposed.filter(mayStandBeside)) {
      due.push({ code: "to-approve", id, dueAt, sinceAt: proposedAt ?? createdAt })
    }
    for (const { id, createdAt, approvedAt: sinceAt = createdAt } of unreviewed.filter(mayStandBeside)) {
      const dueAt = new Date(sinceAt.getTime() + SINGLE_PERSON_REVIEW_HOURS * HOUR_MS)
      due.push({ code: "to-review-afterwards", id, dueAt, sinceAt })
    }
    return due
  }

  /** Which of these preparers a person may approve for. */
  const secondsOf = async (person: PersonActor, reports: readonly WaitingReport[]): Promise<ReadonlySet<string>> => {
    const preparers = [...new Set(reports.map(({ preparedBy }) => preparedBy))].filter((id) => id !== person.id)
    const may = await Promise.all(preparers.map((preparer) => areIndependent(db, preparer, person.id)))
    return new Set(preparers.filter((_, index) => may[index]))
  }

  return {
    due: async (person) =>
      (
        await Promise.all([
          can(person, "report:prepare") ? toPrepare(person) : [],
          can(person, "report:approve") ? toApprove(person) : [],
        ])
      ).flat(),
    counts: async () => {
      const [{ approved: filing, ...states }, cases] = await Promise.all([countInProgress(db), unprepared()])
      return { toPrepare: cases.length, filing, ...states }
    },
  }
}
