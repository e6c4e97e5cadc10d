/**
 * The room of oversight: home, insights, commitments, the log and its verification, operations, health, restores, live
 * updates, the console. It offers no hook: only the application is above it.
 * @module
 */
import { findIsolation } from "@nightlight/screening"
import type { Casework } from "../casework/feature.ts"
import type { Filing } from "../filing/feature.ts"
import { createReportWorklist } from "../filing/reports/worklist/worklist.ts"
import type { Incoming } from "../intake/feature.ts"
import { newestScans } from "../intake/scans/newest-scans.ts"
import { createCheckpointJob } from "../platform/events/checkpoint.ts"
import { copyCheckpointsJob } from "../platform/events/copies/job.ts"
import { readCopyLags } from "../platform/events/copies/lag.ts"
import { copyPlaces } from "../platform/events/copies/places.ts"
import type { Feature } from "../platform/feature.ts"
import type { Shared } from "../platform/shared.ts"
import type { Staff } from "../staff/feature.ts"
import { restartRoutes } from "./audit/restart-routes.ts"
import { auditRoutes } from "./audit/routes.ts"
import { createRegularVerification, type RegularVerification } from "./audit/verify-regularly.ts"
import { currentConditions } from "./commitments/current.ts"
import { commitmentRoutes } from "./commitments/routes.ts"
import { createCommitments, STATUS_MS } from "./commitments/service.ts"
import type { ConsoleFiles } from "./console/files.ts"
import { consoleRoutes } from "./console/routes.ts"
import { healthRoutes } from "./health/routes.ts"
import { type Health, readHealth } from "./health/state.ts"
import { guardsSeen, readParts } from "./home/health.ts"
import { homeRoutes } from "./home/routes.ts"
import { createHome } from "./home/service.ts"
import { readSetup, withinThreeSeconds } from "./home/setup.ts"
import type { Home } from "./home/types.ts"
import { insightRoutes } from "./insights/routes.ts"
import { createInsights } from "./insights/service.ts"
import { liveRoutes } from "./live/routes.ts"
import { createLive } from "./live/service.ts"
import type { FilingGate } from "./operations/filing-gate.ts"
import { operationMeasures } from "./operations/measures.ts"
import { operationRoutes } from "./operations/routes.ts"
import { createTasks, type Tasks } from "./operations/tasks.ts"
import { watchCustodian } from "./operations/watch-custodian.ts"
import { createRestores, type Restores } from "./restores/restores.ts"

/** Services of oversight for the app. */
export interface Oversight {
  readonly tasks: Tasks
  readonly restores: Restores
  /** State of the installation's parts. */
  readonly health: () => Promise<Health>
  /** Scheduled verifications of log and database. */
  readonly verification: RegularVerification
  readonly features: readonly Feature[]
  close(): void
}

/** Services of other rooms that oversight uses. */
export interface OversightPorts {
  readonly staff: Staff
  readonly casework: Casework
  readonly incoming: Incoming
  readonly filing: Filing
  /** Why filing is paused, if it is. */
  readonly gate: FilingGate
  /** The console's files, if it was built and this process serves it. */
  readonly console: ConsoleFiles | undefined
}

/** Creates tasks, restores, verification, live updates and the home screen, with their routes, jobs and gauges. */
export function createOversight(shared: Shared, ports: OversightPorts): Oversight {
  const { db, clock, config, custodian } = shared
  const { staff, casework, incoming, filing, gate } = ports
  const { alarms, authenticate, pager } = staff
  const tasks = createTasks(shared)
  const health = () => readHealth({ ...shared, index: incoming.index, isolation: findIsolation })
  const restores = createRestores(shared, { staff, incoming, casework, filing, tasks })
  const verification = createRegularVerification({
    ...shared,
    alarms,
    everyHours: config.audit.verifyEveryHours,
    signing: config.approvals.signed,
  })
  const live = createLive({ db })
  const commitments = commitmentsOf(shared, ports)
  const home = homeOf(shared, ports, { tasks, commitments, health })
  const insights = createInsights({
    db,
    clock,
    review: casework.review,
    timeZone: config.exposure.timeZone,
    keptMs: STATUS_MS,
  })
  return {
    tasks,
    restores,
    health,
    verification,
    features: [
      { name: "health", routes: (app) => healthRoutes(app, { health }) },
      {
        name: "operations",
        routes: (app) => operationRoutes(app, { tasks, gate }),
        jobs: [
          createCheckpointJob({ ...shared, alarms }),
          copyCheckpointsJob({ db, clock, alarms, places: copyPlaces(shared) }),
          watchCustodian({ ...shared, alarms, pager }),
        ],
        measures: operationMeasures(shared),
      },
      restores.feature,
      {
        name: "audit",
        routes: (app) => {
          auditRoutes(app, { db, clock, custodian, signing: config.approvals.signed })
          restartRoutes(app, { db, clock, custodian })
        },
      },
      { name: "console", routes: (app) => consoleRoutes(app, { console: ports.console }) },
      { name: "live", routes: (app) => liveRoutes(app, { live, authenticate }) },
      { name: "commitments", routes: (app) => commitmentRoutes(app, { commitments }) },
      { name: "home", routes: (app) => homeRoutes(app, { home }) },
      { name: "insights", routes: (app) => insightRoutes(app, { insights }) },
    ],
    close: () => live.close(),
  }
}

type Commitments = ReturnType<typeof createCommitments>

function commitmentsOf({ db, clock, config }: Shared, { casework, incoming }: OversightPorts): Commitments {
  const { index } = incoming
  return createCommitments({
    db,
    clock,
    conditions: currentConditions({
      clock,
      cases: casework.cases,
      guards: incoming.guards,
      lists: async () => {
        await withinThreeSeconds(index.use(async () => undefined))
        return index.state()
      },
      newestScans: () => newestScans(db, incoming.sources),
    }),
    notApplicable: config.commitments.notApplicable,
  })
}

function homeOf(
  shared: Shared,
  { staff, casework, incoming, filing }: OversightPorts,
  made: Pick<Oversight, "tasks" | "health"> & { readonly commitments: Commitments },
): Home {
  const { db, clock, config, custodian } = shared
  const { people, approvals, alarms, signIn, pager, calls } = staff
  const { cases } = casework
  const { tasks, commitments, health } = made
  const lists = () =>
    withinThreeSeconds(incoming.index.use(async ({ version, lists: live }) => ({ version, lists: live })))
  const places = copyPlaces(shared)
  return createHome({
    clock,
    approvals,
    alarms,
    people,
    tasks,
    commitments,
    lists,
    cases,
    requests: filing.requests,
    breakGlass: signIn.breakGlass,
    reports: createReportWorklist({
      db,
      environment: config.reports.environment,
      areIndependent: (on, first, second) => people.areIndependent(first, second, on),
      unfiled: (limit) => cases.unfiled(limit),
    }),
    health: () =>
      readParts({
        db,
        config,
        health,
        lists,
        copies: () => readCopyLags({ db, clock, places }),
        pager: async () => ({ isSet: pager.onCall.isSet, last: await calls.last() }),
        guards: () => guardsSeen(incoming.guards),
      }),
    onCall: pager.onCall,
    setup: (parts) =>
      readSetup(parts, { people, sources: incoming.sources, custodian, clock, organisation: config.organisation }),
  })
}
