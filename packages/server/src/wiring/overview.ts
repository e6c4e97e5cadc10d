/**
 * What people see of everything at once: the commitments, their home screen, insights.
 * @module
 */

import { currentConditions } from "../commitments/current.ts"
import { commitmentRoutes } from "../commitments/routes.ts"
import { createCommitments, STANDING_MS } from "../commitments/service.ts"
import { readCopyLags } from "../events/copies/lag.ts"
import { copyPlaces } from "../events/copies/places.ts"
import type { Feature } from "../feature.ts"
import { createGuards } from "../guards/service.ts"
import type { Health } from "../health/state.ts"
import { guardsSeen } from "../home/guards.ts"
import { readParts } from "../home/health.ts"
import { homeRoutes } from "../home/routes.ts"
import { createHome } from "../home/service.ts"
import { setupOf } from "../home/setup.ts"
import type { HomePorts } from "../home/types.ts"
import { insightRoutes } from "../insights/routes.ts"
import { createInsights } from "../insights/service.ts"
import type { Tasks } from "../operations/tasks.ts"
import { countPeople } from "../people/counts.ts"
import { createReportDesk } from "../reports/desk.ts"
import { newestScans } from "../scans/newest-scans.ts"
import type { Casework } from "./casework.ts"
import type { Filing } from "./filing.ts"
import type { Incoming } from "./intake.ts"
import type { Shared } from "./shared.ts"
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
