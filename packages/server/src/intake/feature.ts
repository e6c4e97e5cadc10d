/**
 * The room of intake: sources and their findings, single screenings, lists, policies, false positives, scans and
 * guards. It offers one hook, `onVerified`, which runs for each item that is attached to a case, in the same transaction.
 * @module
 */
import type { Casework } from "../casework/feature.ts"
import { readDecidedBases } from "../casework/review/service.ts"
import type { SealedEvidence } from "../platform/evidence-store/sealed-evidence.ts"
import type { Feature } from "../platform/feature.ts"
import { lazily } from "../platform/lazily.ts"
import type { Shared } from "../platform/shared.ts"
import type { Staff } from "../staff/feature.ts"
import { falsePositiveApproval } from "./false-positives/approval.ts"
import { createKnownFalsePositives } from "./false-positives/known-false-positives.ts"
import { falsePositiveRoutes } from "./false-positives/routes.ts"
import { createFalsePositives, type FalsePositives } from "./false-positives/service.ts"
import { verifyFindingJob } from "./findings/jobs/verify-finding.ts"
import { verifyWaitingJob } from "./findings/jobs/verify-waiting.ts"
import { intakeMeasures } from "./findings/measures.ts"
import { countFindingsWithoutTrial, pastFindings } from "./findings/past-findings.ts"
import { intakeRoutes } from "./findings/routes.ts"
import { createIntake } from "./findings/service.ts"
import type { Intake } from "./findings/types.ts"
import type { VerifyFindingDeps } from "./findings/verify-finding.ts"
import { guardRoutes } from "./guards/routes.ts"
import { createGuards } from "./guards/service.ts"
import type { Guards } from "./guards/types.ts"
import { createEntryWatch, type EntryWatch } from "./lists/entries.ts"
import type { LiveIndex } from "./lists/live-index.ts"
import { readLists } from "./lists/overview.ts"
import { listRoutes } from "./lists/routes.ts"
import { openIntakeParts } from "./parts.ts"
import { activateApproval, rollBackApproval } from "./policies/approvals.ts"
import { ingestPolicyFileJob } from "./policies/jobs/ingest-policy-file.ts"
import { tryPolicyJob } from "./policies/jobs/try-policy.ts"
import type { LivePolicy } from "./policies/live-policy.ts"
import { pastItems } from "./policies/past-case-items.ts"
import { policyRoutes } from "./policies/routes.ts"
import { createPolicies } from "./policies/service.ts"
import { scanRoutes } from "./scans/routes.ts"
import { createScans } from "./scans/service.ts"
import { forgetAnswersJob } from "./screen/jobs/forget-answers.ts"
import { screenRoutes } from "./screen/routes.ts"
import { createScreen } from "./screen/service.ts"
import type { Screen } from "./screen/types.ts"
import { handoverRoutes } from "./sources/handover.ts"
import { sourceRoutes } from "./sources/routes.ts"
import type { Sources } from "./sources/types.ts"
import { policyFileOf } from "./workspace.ts"

/** Services that intake offers to other rooms. */
export interface Incoming {
  readonly sources: Sources
  readonly intake: Intake
  readonly screen: Screen
  readonly guards: Guards
  readonly falsePositives: FalsePositives
  /** The server's own snapshot of the lists. */
  readonly index: LiveIndex
  readonly evidence: SealedEvidence
  /** How many items each list entry matched. */
  readonly entries: EntryWatch
  /** The policy in use: the version that two people made active. */
  readonly policy: LivePolicy
  readonly features: readonly Feature[]
  /** Writes outstanding counts, closes the index and ends the decoder. */
  close(): Promise<void>
}

/** Services of other rooms that intake uses. */
export interface IntakePorts {
  readonly staff: Pick<Staff, "approvals" | "alarms">
  readonly casework: Pick<Casework, "cases">
  readonly sources: Sources
  /** Runs for each verified item that is attached to a case. */
  readonly onVerified: NonNullable<VerifyFindingDeps["onVerified"]>
}

/** Creates the services of intake. Lists, policy and decoder open when they are first used. */
export function createIncoming(shared: Shared, ports: IntakePorts): Incoming {
  const { db, clock, custodian, jobs, contextKeys, digests } = shared
  const { sources, onVerified } = ports
  const { approvals, alarms } = ports.staff
  const { cases } = ports.casework
  const parts = openIntakeParts(shared, alarms)
  const { index, evidence, policy } = parts
  const knownFalsePositives = createKnownFalsePositives({ db, digests })
  const entries = createEntryWatch({ db, digests })
  const intake = createIntake({ db, clock, contextKeys, digests, jobs, sources, alarms, evidence })
  const screening = lazily(async () =>
    createScreen({
      db,
      clock,
      digests,
      sources,
      alarms,
      intake,
      custody: await parts.custody(),
      knownFalsePositives,
      concurrency: shared.config.screen.concurrency,
      policy: () => policy.at("screen"),
      evidence,
      index,
      fingerprint: parts.fingerprint,
    }),
  )
  const screen: Screen = {
    screen: async (...call) => (await screening()).screen(...call),
    screenBatch: async (...call) => (await screening()).screenBatch(...call),
    flush: async () => (await screening.opened())?.flush(),
  }
  const verifyFindingDeps = async (): Promise<VerifyFindingDeps> => ({
    db,
    clock,
    contextKeys,
    digests,
    custodian,
    cases,
    alarms,
    policy: await policy.at("intake"),
    index,
    knownFalsePositives,
    onVerified: async (tx, caseItem, caseId) => {
      await entries.note(tx, caseItem)
      await onVerified(tx, caseItem, caseId)
    },
  })
  const guards = createGuards({ db, clock, sources })
  const scans = createScans({
    db,
    clock,
    sources,
    alarms,
    findingsOf: (source, scan) => intake.ofScan(source, scan),
  })
  const falsePositives = createFalsePositives({
    db,
    clock,
    digests,
    index,
    cases,
    approvals,
    decidedBases: (caseId, person) => readDecidedBases(db, caseId, person),
    reopenSuppressed: (tx) => intake.reopenSuppressed(tx),
  })
  const policyDeps = {
    db,
    clock,
    jobs,
    file: policyFileOf(shared.paths.workspace),
    items: pastItems(db),
    findings: pastFindings(shared),
    leftOut: (period: Parameters<typeof countFindingsWithoutTrial>[1]) => countFindingsWithoutTrial(shared, period),
    flushShadow: () => policy.flush(),
  }
  const lists = () =>
    readLists({
      db,
      clock,
      index,
      outcomes: () => cases.listOutcomes(),
      broadByList: () => entries.broadByList(),
      falsePositives: () => falsePositives.counts(),
    })
  approvals.register(falsePositiveApproval({ clock }))
  approvals.register(activateApproval(shared))
  approvals.register(rollBackApproval(shared))
  return {
    sources,
    intake,
    screen,
    guards,
    falsePositives,
    index,
    evidence,
    entries,
    policy,
    features: [
      {
        name: "findings",
        routes: (app) => {
          // A server that screens opens it before the first call; a worker when its first job needs it.
          app.addHook("onReady", async () => {
            for (const opened of [index, policy]) opened.refresh().catch(() => undefined)
          })
          sourceRoutes(app, { sources })
          handoverRoutes(app, { db, clock, sources, alarms })
          intakeRoutes(app, { intake })
          screenRoutes(app, { screen })
        },
        jobs: [
          verifyFindingJob(verifyFindingDeps),
          verifyWaitingJob({ db, clock, custodian, jobs, index }),
          forgetAnswersJob({ db, clock }),
        ],
        measures: intakeMeasures({ db }),
      },
      { name: "scans", routes: (app) => scanRoutes(app, { scans }) },
      { name: "guards", routes: (app) => guardRoutes(app, { guards }) },
      { name: "lists", routes: (app) => listRoutes(app, { lists }) },
      { name: "false-positives", routes: (app) => falsePositiveRoutes(app, { falsePositives }) },
      {
        name: "policies",
        routes: (app) => policyRoutes(app, { db, clock, approvals, policies: createPolicies(policyDeps) }),
        jobs: [tryPolicyJob(policyDeps), ingestPolicyFileJob(policyDeps)],
      },
    ],
    close: async () => {
      await screen.flush()
      await parts.close()
    },
  }
}
