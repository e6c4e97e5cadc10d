/**
 * The room of reporting and preservation: reports, evidence, and requests of law enforcement. It offers one hook,
 * `automatic`, which files reports without a person.
 * @module
 */

import type { Casework } from "../casework/feature.ts"
import type { Incoming } from "../intake/feature.ts"
import type { Feature } from "../platform/feature.ts"
import type { Shared } from "../platform/shared.ts"
import type { Staff } from "../staff/feature.ts"
import { authorityRoutes } from "./authorities/routes.ts"
import { createAuthorities } from "./authorities/service.ts"
import { destroyApproval } from "./preservation/approvals.ts"
import { createClockGuard } from "./preservation/clock-guard.ts"
import { destroyDueJob } from "./preservation/jobs/destroy-due.ts"
import { createPreservationReplay, type PreservationReplay } from "./preservation/replay.ts"
import { preservationRoutes } from "./preservation/routes.ts"
import { sealedPiecesOf } from "./preservation/sealed-pieces.ts"
import { createPreservation, type PreservationService } from "./preservation/service.ts"
import { sealedReports } from "./reports/content/sealed.ts"
import { draftSource } from "./reports/draft/collect.ts"
import { includedEvidence } from "./reports/draft/included.ts"
import { reportFeature } from "./reports/feature.ts"
import type { DraftSource } from "./reports/ports.ts"
import { createReports, type ReportService } from "./reports/service.ts"
import { reportIdsOf } from "./reports/status.ts"
import { requestRoutes } from "./requests/routes.ts"
import { createRequests, type RequestService } from "./requests/service.ts"

/** The services of reporting and preservation. */
export interface Filing {
  readonly preservation: PreservationService
  /** Repeats, after a restore, what the database lost. */
  readonly preservationReplay: PreservationReplay
  readonly requests: RequestService
  readonly features: readonly Feature[]
}

/** Parts of other rooms that this room uses. */
export interface FilingPorts {
  readonly staff: Staff
  readonly casework: Casework
  readonly incoming: Pick<Incoming, "evidence" | "sources" | "entries">
  /** Whether filing is paused. */
  readonly isPaused: () => Promise<boolean>
  /** Whether the database was restored and not reconciled; until then nothing is destroyed. */
  readonly isRestoring: () => Promise<boolean>
  /** Files without a person, in installations with automatic filing. */
  readonly automatic?: AutomaticHook | undefined
}

/** Services that automatic filing uses. */
export interface AutomaticPorts extends Pick<FilingPorts, "isPaused"> {
  readonly staff: Pick<Staff, "approvals" | "alarms">
  readonly casework: Pick<Casework, "cases" | "review">
  readonly incoming: Pick<Incoming, "entries">
  readonly reports: ReportService
  readonly drafts: DraftSource
}

/** Creates automatic filing; passed in so that this room's feature does not import it. */
export type AutomaticHook = (shared: Shared, ports: AutomaticPorts) => Feature

const RETRY_SECONDS = 5
/** A filing renews its lease while it works; a worker that stops renewing loses it after this time. */
const LEASE_SECONDS = 60

/** Creates reports, preservation, requests and authorities, and registers the approvals to destroy and to disclose. */
export function createFiling(
  shared: Shared,
  { staff, casework, incoming, isPaused, isRestoring, automatic }: FilingPorts,
): Filing {
  const { db, clock, contextKeys, custodian, jobs, config } = shared
  const { people, approvals, alarms } = staff
  const { cases, review, viewings } = casework
  const sealedOf = sealedPiecesOf({ evidence: incoming.evidence, cases })
  const destroying = {
    db,
    clock,
    contextKeys,
    custodian,
    alarms,
    sealedOf,
    evidence: incoming.evidence,
    backupDays: config.preservation.backupDays,
  }
  const preservation = createPreservation({
    ...destroying,
    evidenceOf: (on, caseId) => cases.evidenceOf(on, caseId),
    evidenceOfAlone: (on, caseId) => cases.evidenceOfAlone(on, caseId),
  })
  const guard = createClockGuard({ db, clock, alarms })
  const requests = createRequests({
    db,
    clock,
    contextKeys,
    preservation,
    custodian,
    sealedOf,
    custodyOf: async (caseId) => ({
      caseId,
      items: await cases.items(caseId),
      evidence: (await preservation.ofCase(caseId)).evidence,
      reportIds: await reportIdsOf(db, caseId),
    }),
  })
  approvals.register(
    destroyApproval({
      ...destroying,
      guard,
      asksForDestruction: (on, id, caseId) => requests.asksForDestruction(on, id, caseId),
      requestDigest: (on, id) => requests.digest(on, id),
    }),
  )
  approvals.register(requests.discloseApproval)
  const sealed = sealedReports(contextKeys)
  const reportDeps = {
    db,
    clock,
    jobs,
    sealed,
    environment: config.reports.environment,
    drafts: draftSource({
      clock,
      cases,
      review,
      organisation: config.organisation,
      viewedOf: (on, caseId) => viewings.viewedOf(on, caseId),
      datasetNames: (on) => incoming.sources.datasetNames(on),
    }),
    includedEvidence: (on: Shared["db"], caseId: string) => includedEvidence({ cases, review }, on, caseId),
    areIndependent: (on: Shared["db"], first: string, second: string) => people.areIndependent(first, second, on),
  }
  const authorities = createAuthorities({
    db,
    clock,
    contextKeys,
    manual: config.authorities.map(({ id, name, page }) => ({ id, name, filing: "manual", page: page ?? undefined })),
  })
  const reports = createReports(reportDeps)
  const partsOf = async (caseId: string) => [
    ...(await cases.evidenceOf(db, caseId)),
    ...(await reportIdsOf(db, caseId)),
  ]
  const caseExists = async (caseId: string) => (await cases.get(caseId)) !== undefined
  const preservationReplay = createPreservationReplay({
    ...destroying,
    evidenceOf: (on, caseId) => cases.evidenceOf(on, caseId),
  })
  return {
    preservation,
    preservationReplay,
    requests,
    features: [
      reportFeature({
        ...reportDeps,
        custodian,
        approvals,
        alarms,
        retrySeconds: RETRY_SECONDS,
        leaseSeconds: LEASE_SECONDS,
        reports,
        isPaused,
        alarmHeld: (tx, reportId, code) =>
          alarms.raise(tx, { code: "report-held", subject: reportId, data: { fault: code } }),
        finishedHooks: [
          (tx, finished) => preservation.reportFinished(tx, finished),
          async (tx, { environment, caseId, reportId, finishedAt }) => {
            if (environment === "production") await cases.markFiled(tx, caseId, { reportId, at: finishedAt })
          },
        ],
      }),
      ...(automatic === undefined
        ? []
        : [automatic(shared, { staff, casework, incoming, reports, drafts: reportDeps.drafts, isPaused })]),
      {
        name: "preservation",
        routes: (app) => preservationRoutes(app, { db, clock, preservation, approvals, guard, caseExists, partsOf }),
        jobs: [destroyDueJob({ ...destroying, guard, isRestoring })],
      },
      { name: "authorities", routes: (app) => authorityRoutes(app, { authorities, caseExists }) },
      {
        name: "requests",
        routes: (app) => requestRoutes(app, { db, clock, requests, approvals, caseExists }),
      },
    ],
  }
}
