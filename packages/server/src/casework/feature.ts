/**
 * The room of case work: cases, reviews, viewings and exposure budgets. It offers one hook, `decided`, which runs after
 * each decision, in the transaction that settles it.
 * @module
 */

import type { ServerConfig } from "../platform/config/schema.ts"
import type { Feature } from "../platform/feature.ts"
import type { Shared } from "../platform/shared.ts"
import type { Staff } from "../staff/feature.ts"
import { checkCounts, mergeCounts } from "./cases/jobs/keep-counts.ts"
import { watchDeadlines } from "./cases/jobs/watch-deadlines.ts"
import { caseMeasures } from "./cases/measures.ts"
import { caseRoutes } from "./cases/routes.ts"
import { type CasesService, createCases } from "./cases/service.ts"
import { exposureRoutes } from "./exposure/routes.ts"
import { createExposure, type ExposureService } from "./exposure/service.ts"
import type { ExposureConfig } from "./exposure/types.ts"
import { originalRoutes } from "./originals/routes.ts"
import { createOriginals } from "./originals/service.ts"
import { settleDecision } from "./review/jobs/settle-decision.ts"
import { reviewRoutes } from "./review/routes.ts"
import { createReview, type ReviewService } from "./review/service.ts"
import type { DecidedHook } from "./review/types.ts"
import { viewingRoutes } from "./viewings/routes.ts"
import { createViewings, type ViewingsService } from "./viewings/service.ts"

/** The services of case work. */
export interface Casework {
  readonly cases: CasesService
  readonly review: ReviewService
  readonly exposure: ExposureService
  readonly viewings: ViewingsService
  readonly feature: Feature
}

/** Dependencies of case work. */
export interface CaseworkPorts {
  readonly staff: Pick<Staff, "people" | "alarms" | "pager" | "preferences">
  /** Run after each decision, in the transaction that settles it. */
  readonly decided: readonly DecidedHook[]
}

/**
 * Creates cases, review, exposure, viewings and originals, with their routes, jobs and gauges. It reads nothing yet.
 */
export function createCasework(shared: Shared, { staff, decided }: CaseworkPorts): Casework {
  const { db, clock, contextKeys, digests, jobs, custodian } = shared
  const { people, alarms, pager, preferences } = staff
  const { clock: clockRules } = shared.config.review
  const deps = { db, clock, contextKeys, alarms, training: people, optOuts: preferences, pager, clockRules }
  const cases = createCases(deps)
  const review = createReview({ ...deps, digests, jobs, config: shared.config.review, decided })
  const exposure = createExposure({ db, clock, config: exposureConfigOf(shared.config) })
  const areIndependent: Parameters<typeof createViewings>[0]["areIndependent"] = (on, first, second) =>
    people.areIndependent(first, second, on)
  const viewings = createViewings({ db, clock, cases, alarms, training: people, exposure, custodian, areIndependent })
  const originals = createOriginals({ db, clock, cases, training: people, areIndependent })
  return {
    cases,
    review,
    exposure,
    viewings,
    feature: {
      name: "casework",
      routes: (app) => {
        caseRoutes(app, { cases, db, clock, assertDispatch: (person) => exposure.assertDispatch(person) })
        reviewRoutes(app, { review, cases, clock })
        viewingRoutes(app, { viewings, cases, clock })
        originalRoutes(app, { originals, cases, clock })
        exposureRoutes(app, { exposure })
      },
      jobs: [settleDecision({ review }), watchDeadlines(deps), mergeCounts(deps), checkCounts(deps)],
      measures: caseMeasures(deps),
    },
  }
}

/** Limits of viewings. */
function exposureConfigOf({ exposure }: ServerConfig): ExposureConfig {
  const { timeZone, ...limits } = exposure
  return { timeZone, limits }
}
