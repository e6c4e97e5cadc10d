/**
 * What people see of everything at once: the commitments, their home screen, insights.
 * @module
 */

import { createReportDesk } from "../../filing/reports/desk.ts"
import { createGuards } from "../../intake/guards/service.ts"
import { newestScans } from "../../intake/scans/newest-scans.ts"
import { currentConditions } from "../../oversight/commitments/current.ts"
import { commitmentRoutes } from "../../oversight/commitments/routes.ts"
import { createCommitments, STANDING_MS } from "../../oversight/commitments/service.ts"
import type { Health } from "../../oversight/health/state.ts"
import { guardsSeen } from "../../oversight/home/guards.ts"
import { readParts } from "../../oversight/home/health.ts"
import { homeRoutes } from "../../oversight/home/routes.ts"
import { createHome } from "../../oversight/home/service.ts"
import { setupOf } from "../../oversight/home/setup.ts"
import type { HomePorts } from "../../oversight/home/types.ts"
import { insightRoutes } from "../../oversight/insights/routes.ts"
import { createInsights } from "../../oversight/insights/service.ts"
import type { Tasks } from "../../oversight/operations/tasks.ts"
import { readCopyLags } from "../../platform/events/copies/lag.ts"
import { copyPlaces } from "../../platform/events/copies/places.ts"
import type { Feature } from "../../platform/feature.ts"
import type { Shared } from "../../platform/shared.ts"
import { countPeople } from "../../staff/people/counts.ts"
import type { Casework } from "./casework.ts"
import type { Filing } from "./filing.ts"
import type { Incoming } from "./intake.ts"
import type { Staff } from "./staff.ts"

/** What it is put together from. */
export interface OverviewPorts {
  readonly staff: Staff
  readonly casework: Casework
  readonly incoming: Pick<Incoming, "index" | "sources">
  readonly filing: Pick<Filing, "requests">
  readonly tasks: Tasks
  readonly health: () => Promise<Health>
}

/** Makes the features. */
export function createOverview(shared: Shared, ports: OverviewPorts): readonly Feature[] {
  const { db, clock, config } = shared
  const { staff, casework, incoming, filing, tasks, health } = ports
  const { people, acts, alarms, signIn } = staff
  const lists = () => within(readLists(incoming.index))
  const guardRegister = createGuards({ db, clock, sources: incoming.sources })
  const guards = () => guardsSeen(guardRegister)
  const commitments = createCommitments({
    db,
    clock,
    conditions: currentConditions({
      clock,
      cases: casework.cases,
      guards: guardRegister,
      lists: async () => {
        await lists()
        return incoming.index.state()
      },
      newestScans: () => newestScans(db, incoming.sources),
    }),
    notApplicable: config.commitments.notApplicable,
  })
  const pager = async () => ({ isSet: casework.onCall.isSet, last: await casework.calls.last() })
  const places = copyPlaces(shared)
  const copies = () => readCopyLags({ db, clock, places })
  const home = createHome({
    clock,
    acts,
    alarms,
    people,
    tasks,
    commitments,
    lists,
    cases: casework.cases,
    requests: filing.requests,
    breakGlass: signIn.breakGlass,
    reports: createReportDesk({
      db,
      environment: config.reports.environment,
      mayBeSecond: (on, first, second) => people.mayBeSecond(first, second, on),
      unfiled: (limit) => casework.cases.unfiled(limit),
    }),
    health: () => readParts({ db, config, health, lists, copies, pager, guards }),
    onCall: casework.onCall,
    setup: async (health) => {
      const [parts, roster, sources, keeper] = await Promise.all([
        health,
        people.roster(),
        incoming.sources.list(),
        within(shared.custodian.state()),
      ])
      const { company, contact } = config.organisation
      return setupOf({
        health: parts,
        people: countPeople(roster, clock.now()),
        enrolled: keeper?.enrolled,
        liveSources: sources.filter(({ revokedAt }) => revokedAt === undefined).length,
        namesReporter: company !== null && contact !== null,
      })
    },
  })
  const insights = createInsights({
    db,
    clock,
    review: casework.review,
    timeZone: config.exposure.timeZone,
    keptMs: STANDING_MS,
  })
  return [
    { name: "commitments", routes: (app) => commitmentRoutes(app, { commitments }) },
    { name: "home", routes: (app) => homeRoutes(app, { home }) },
    { name: "insights", routes: (app) => insightRoutes(app, { insights }) },
  ]
}

/** Lists of the live index. */
async function readLists(index: Incoming["index"]): ReturnType<HomePorts["lists"]> {
  return index.use(async ({ version, lists }) => ({ version, lists }))
}

const ANSWER_MS = 3_000

/** The answer if it comes in time, else nothing: an index that loads for long keeps nobody from their home screen. */
async function within<T>(answer: Promise<T>): Promise<T | undefined> {
  const late = AbortSignal.timeout(ANSWER_MS)
  return Promise.race([
    answer.catch(() => undefined),
    new Promise<undefined>((resolve) => late.addEventListener("abort", () => resolve(undefined), { once: true })),
  ])
}
