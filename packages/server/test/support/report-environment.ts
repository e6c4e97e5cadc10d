/**
 * Reports by their real service over the services of cases: drafted, proposed and approved by two people with keys.
 * The CyberTipline's last answer is written by the step that writes it in production.
 */
import { type CustodyKeyPair, createPersonKey, proveGrant } from "@nightlight/contract/custodian"
import { aPerson, type Harness } from "@nightlight/dev-env/server/cases"
import { sealedReports } from "../../src/filing/reports/content/sealed.ts"
import { draftSource } from "../../src/filing/reports/draft/collect.ts"
import { includedEvidence } from "../../src/filing/reports/draft/included.ts"
import { type ReportFeatureDeps, toFilingDeps } from "../../src/filing/reports/feature.ts"
import { fileReport } from "../../src/filing/reports/filing/file-report.ts"
import { writeFinished, writeHeld } from "../../src/filing/reports/filing/finish.ts"
import { manualFilingApproval } from "../../src/filing/reports/manual/manual-filing.ts"
import type { FinishedHook } from "../../src/filing/reports/ports.ts"
import { createReports } from "../../src/filing/reports/service.ts"
import type { ReportId } from "../../src/filing/reports/types.ts"
import type { PersonActor } from "../../src/platform/auth/actor.ts"
import type { CustodianClient } from "../../src/platform/custodian/port.ts"
import type { Environment } from "../../src/platform/db/tables/filing.ts"
import { transact } from "../../src/platform/events/transact.ts"

/** Whose reports they are. */
export const ORGANISATION = {
  company: "Example Lab",
  termsUrl: null,
  legalUrl: null,
  contact: { firstName: "Trust", lastName: "Desk", email: "safety@example.org", phone: null },
}

/** Drafts of cases whose items nobody viewed, from datasets without a name. */
export function testDrafts(deps: Pick<Parameters<typeof draftSource>[0], "clock" | "cases" | "review">) {
  return draftSource({
    ...deps,
    organisation: ORGANISATION,
    viewedOf: async () => [],
    datasetNames: async () => new Map(),
  })
}

/** A custodian whose CyberTipline opens every report, and takes no file. */
const REFUSING: Partial<CustodianClient> = {
  state: async () => ({
    state: "ready",
    custody: "separated",
    environments: ["production"],
    enrolled: 2,
    passkeys: { rpId: "localhost", origins: [], require: [] },
  }),
  openFiling: async () => ({ kind: "accepted", remoteReportId: "4713" }),
  upload: async () => ({ kind: "rejected", responseCode: 4100, retryable: false }),
  retract: async () => ({ kind: "accepted" }),
}

/** Opens the environment of reports. Preparer and approver are invented by default. */
export async function openReportEnvironment(
  harness: Harness,
  environment: Environment = "production",
  { preparer = aPerson("reporter"), approver = aPerson("counsel") } = {},
) {
  const { db, clock, cases, review, contextKeys, jobs } = harness
  const sealed = sealedReports(contextKeys)
  const reports = createReports({
    db,
    clock,
    jobs,
    sealed,
    environment,
    areIndependent: async () => true,
    includedEvidence: (on, caseId) => includedEvidence({ cases, review }, on, caseId),
    drafts: testDrafts({ clock, cases, review }),
  })
  const finishedHooks: readonly FinishedHook[] = [
    async (txOf, finished) => {
      if (finished.environment !== "production") return
      await cases.markFiled(txOf, finished.caseId, { reportId: finished.reportId, at: finished.finishedAt })
    },
  ]
  const manual = manualFilingApproval({ clock, sealed, finishedHooks })
  const keys = new Map<string, CustodyKeyPair>()
  for (const { id } of [preparer, approver]) keys.set(id, await createPersonKey())
  const prove = async (grant: Parameters<typeof proveGrant>[0], { id }: PersonActor) => {
    const key = keys.get(id)
    if (key === undefined) throw new Error("expected a key")
    return proveGrant(grant, id, key.privateKey)
  }

  const propose = async (id: ReportId): Promise<void> => {
    const { head, grant } = await reports.grant(preparer, id, { version: 1, singlePerson: false })
    await reports.propose(preparer, id, head.version, await prove(grant, preparer))
  }
  const approve = async (id: ReportId): Promise<void> => {
    const { head, grant } = await reports.pendingGrant(id)
    await reports.approve(approver, id, head.version, await prove(grant, approver))
  }

  const filing = toFilingDeps({
    db,
    clock,
    sealed,
    custodian: REFUSING,
    isPaused: async () => false,
    finishedHooks,
    alarmHeld: async () => undefined,
    retrySeconds: 1,
    leaseSeconds: 60,
  } as unknown as ReportFeatureDeps)

  const site = {
    reports,
    preparer,
    approver,
    draft: async (caseId: string): Promise<ReportId> => (await reports.draft(preparer, caseId, undefined)).id,
    propose: async (caseId: string): Promise<ReportId> => {
      const id = await site.draft(caseId)
      await propose(id)
      return id
    },
    /** Proposed and approved, of a draft. */
    sign: async (id: ReportId): Promise<void> => {
      await propose(id)
      await approve(id)
    },
    approve: async (caseId: string): Promise<ReportId> => {
      const id = await site.propose(caseId)
      await approve(id)
      return id
    },
    fileAlone: async (caseId: string): Promise<ReportId> => {
      const id = await site.draft(caseId)
      const { head, grant } = await reports.grant(preparer, id, { version: 1, singlePerson: true })
      const proof = await prove(grant, preparer)
      await reports.fileAlone(preparer, id, { version: head.version, proof, reason: "nobody-available" })
      return id
    },
    /** The CyberTipline took it. */
    finish: (id: ReportId) =>
      transact(harness, "system-worker", (tx) =>
        writeFinished({ sealed, now: () => clock.now(), finishedHooks }, tx, id, "4711"),
      ),
    /** The filing stopped for a person. */
    hold: (id: ReportId) =>
      transact(harness, "system-worker", (tx) =>
        writeHeld(tx, id, { do: "hold", code: "refused", responseCode: 4100 }),
      ),
    /** The CyberTipline opened it, refused a file, and took the attempt back: the whole way as a worker goes it. */
    refuse: (id: ReportId) => fileReport(filing, id, new AbortController().signal),
    /** Approved and taken. */
    file: async (caseId: string): Promise<ReportId> => {
      const id = await site.approve(caseId)
      await site.finish(id)
      return id
    },
    /** A follow-up to a finished report, approved and taken. */
    fileFollowUp: async (caseId: string): Promise<ReportId> => {
      const { id } = await reports.draft(preparer, caseId, "follow-up")
      await site.sign(id)
      await site.finish(id)
      return id
    },
    /** Filed through the CyberTipline's own form, and approved. */
    fileManually: async (caseId: string): Promise<ReportId> => {
      const id = await site.draft(caseId)
      const by = { approvalId: "approval-1", subject: id, requestedBy: preparer.id, approvedBy: approver.id }
      await transact(harness, approver.id, (tx) => manual.perform(tx, { remoteReportId: "4712" }, by))
      return id
    },
  }
  return site
}

export type ReportWorklist = Awaited<ReturnType<typeof openReportEnvironment>>
