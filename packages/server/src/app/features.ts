/**
 * The features of the service, each made from what it needs.
 * @module
 */
import { findIsolation } from "@nightlight/screening"
import { createEntryWatch } from "../filing/automatic/entries.ts"
import type { PreservationService } from "../filing/preservation/service.ts"
import { createSources } from "../intake/sources/service.ts"
import { createRegularVerification, type RegularVerification } from "../oversight/audit/verify-regularly.ts"
import { consoleRoutes } from "../oversight/console/routes.ts"
import { healthRoutes } from "../oversight/health/routes.ts"
import { type Health, readHealth } from "../oversight/health/state.ts"
import { liveRoutes } from "../oversight/live/routes.ts"
import { createLive } from "../oversight/live/service.ts"
import { createFilingGate } from "../oversight/operations/filing-gate.ts"
import { operationMeasures } from "../oversight/operations/measures.ts"
import { operationRoutes } from "../oversight/operations/routes.ts"
import { createTasks, type Tasks } from "../oversight/operations/tasks.ts"
import { watchCustodian } from "../oversight/operations/watch-custodian.ts"
import { createRestoreGate } from "../oversight/restores/open-restore.ts"
import { createCheckpointJob } from "../platform/events/checkpoint.ts"
import { copyCheckpointsJob } from "../platform/events/copies/job.ts"
import { copyPlaces } from "../platform/events/copies/places.ts"
import type { Authenticate, Feature } from "../platform/feature.ts"
import type { Shared } from "../platform/shared.ts"
import type { SignIn } from "../staff/sign-in/service.ts"
import { createCasework } from "./wiring/casework.ts"
import { createFiling } from "./wiring/filing.ts"
import { createIncoming } from "./wiring/intake.ts"
import { createOverview } from "./wiring/overview.ts"
import { createPolicyDesk } from "./wiring/policies.ts"
import { createReported } from "./wiring/reported.ts"
import { createRestores, type Restores } from "./wiring/restores.ts"
import { createStaff } from "./wiring/staff.ts"

/** The service's parts. */
export interface Features {
  readonly features: readonly Feature[]
  readonly authenticate: Authenticate
  readonly tasks: Tasks
  readonly signIn: SignIn
  /** How the parts of the installation are. */
  readonly health: () => Promise<Health>
  readonly restores: Restores
  /** Verifications of log and database that nobody asks for. */
  readonly verification: RegularVerification
  /** Ends what features hold: an index, a decoder. */
  close(): Promise<void>
}

/** Makes every feature. */
export function createFeatures(shared: Shared): Features {
  const { db, clock } = shared
  const tasks = createTasks(shared)
  const restore = createRestoreGate(db)
  const sources = createSources({ db, clock, isSuspended: (id) => restore.isSuspended(id) })
  const staff = createStaff(shared, (source) => sources.isLive(source), restore)
  // Preservation follows decisions and asks for cases: it is there before the first decision settles.
  let preservation: PreservationService | undefined
  const casework = createCasework(shared, {
    people: staff.people,
    alarms: staff.alarms,
    decided: [
      async (change, { caseId, outcome, test }) => {
        if (outcome !== "reportable" || test) await preservation?.caseCleared(change, caseId)
      },
    ],
  })
  const entries = createEntryWatch(shared)
  const incoming = createIncoming(shared, {
    cases: casework.cases,
    alarms: staff.alarms,
    sources,
    taken: async (under, find, caseId) => {
      await entries.note(under, find)
      const { evidence } = find
      if (evidence !== undefined) await preservation?.evidenceCame(under, { caseId, evidenceId: evidence.evidenceId })
    },
  })
  const gate = createFilingGate({ ...shared, alarms: staff.alarms, isolation: findIsolation })
  const filing = createFiling(shared, {
    staff,
    casework,
    incoming,
    gate,
    entries,
    isRestoring: async () => (await restore.current()) !== undefined,
  })
  preservation = filing.preservation
  const reported = createReported(shared, { staff, casework, incoming, entries })
  const restores = createRestores(shared, { staff, sources, casework, filing, tasks, disputes: reported.disputes })
  const health = () => readHealth({ ...shared, index: incoming.index, isolation: findIsolation })
  const verification = createRegularVerification({
    ...shared,
    alarms: staff.alarms,
    everyHours: shared.config.audit.verifyEveryHours,
    signing: shared.config.approvals.signed,
  })
  const live = createLive({ db })
  const features: readonly Feature[] = [
    {
      name: "health",
      routes: (app) => healthRoutes(app, { health }),
    },
    {
      name: "operations",
      routes: (app) => operationRoutes(app, { tasks, gate }),
      jobs: [
        createCheckpointJob({ ...shared, alarms: staff.alarms }),
        copyCheckpointsJob({ db, clock, alarms: staff.alarms, places: copyPlaces(shared) }),
        watchCustodian({ ...shared, alarms: staff.alarms, pager: casework.pager }),
      ],
      measures: operationMeasures(shared),
    },
    restores.feature,
    staff.feature,
    incoming.feature,
    casework.feature,
    reported.feature,
    ...filing.features,
    createPolicyDesk(shared, { acts: staff.acts, policy: incoming.policy }),
    { name: "console", routes: (app) => consoleRoutes(app, shared) },
    { name: "live", routes: (app) => liveRoutes(app, { live, authenticate: staff.authenticate }) },
    ...createOverview(shared, { staff, casework, incoming, filing, tasks, health }),
  ]
  return {
    features,
    tasks,
    health,
    authenticate: staff.authenticate,
    signIn: staff.signIn,
    restores,
    verification,
    close: async () => {
      live.close()
      await incoming.close()
    },
  }
}
