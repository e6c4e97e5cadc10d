/**
 * What people work on: cases, review, looks and the budgets of looking.
 * @module
 */

import { checkCounts, mergeCounts } from "../../casework/cases/jobs/keep-counts.ts"
import { watchDeadlines } from "../../casework/cases/jobs/watch-deadlines.ts"
import { caseMeasures } from "../../casework/cases/measures.ts"
import { caseRoutes } from "../../casework/cases/routes.ts"
import { type CasesService, createCases } from "../../casework/cases/service.ts"
import { exposureRoutes } from "../../casework/exposure/routes.ts"
import { createExposure, type ExposureService } from "../../casework/exposure/service.ts"
import { originalRoutes } from "../../casework/originals/routes.ts"
import { createOriginals } from "../../casework/originals/service.ts"
import { settleDecision } from "../../casework/review/jobs/settle-decision.ts"
import { reviewRoutes } from "../../casework/review/routes.ts"
import { createReview, type ReviewService } from "../../casework/review/service.ts"
import type { DecidedHook } from "../../casework/review/types.ts"
import { lookRoutes } from "../../casework/viewings/routes.ts"
import { createLooks, type LooksService } from "../../casework/viewings/service.ts"
import type { Feature } from "../../platform/feature.ts"
import type { Shared } from "../../platform/shared.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import { createPagerCalls, type PagerCalls } from "../../staff/pager/calls.ts"
import { pagePerson } from "../../staff/pager/page-person.ts"
import { createPager } from "../../staff/pager/pager.ts"
import type { PagerPort } from "../../staff/pager/types.ts"
import type { People } from "../../staff/people/service.ts"
import { preferenceRoutes } from "../../staff/preferences/routes.ts"
import { createPreferences } from "../../staff/preferences/service.ts"
import { exposureConfigOf, lookFloorOf, pagerConfigOf } from "./casework-config.ts"

/** The services of case work. */
export interface Casework {
  readonly cases: CasesService
  readonly review: ReviewService
  readonly exposure: ExposureService
  readonly looks: LooksService
  readonly calls: PagerCalls
  /** Whether anybody can be called. */
  readonly onCall: PagerPort["onCall"]
  readonly pager: PagerPort
  readonly feature: Feature
}

/** What case work needs of others. */
export interface CaseworkPorts {
  readonly people: People
  readonly alarms: Alarms
  /** Follow each decision, in the transaction that settles it. */
  readonly decided: readonly DecidedHook[]
}

/** Makes the services of case work. */
export function createCasework(shared: Shared, { people, alarms, decided }: CaseworkPorts): Casework {
  const { db, clock, contextKeys, digests, jobs, custodian } = shared
  const pagerConfig = pagerConfigOf(shared.config)
  const calls = createPagerCalls({ db, clock, alarms })
  const pager = createPager({ jobs, config: pagerConfig, calls })
  const { clock: clockRules } = shared.config.review
  const deps = { db, clock, contextKeys, alarms, training: people, pager, clockRules }
  const cases = createCases(deps)
  const review = createReview({ ...deps, digests, jobs, config: shared.config.review, decided })
  const exposure = createExposure({ db, clock, config: exposureConfigOf(shared.config) })
  const preferences = createPreferences({ db, clock, floor: lookFloorOf(shared.config) })
  const mayBeSecond: Parameters<typeof createLooks>[0]["mayBeSecond"] = (on, first, second) =>
    people.mayBeSecond(first, second, on)
  const looks = createLooks({ db, clock, cases, alarms, training: people, exposure, custodian, mayBeSecond })
  const originals = createOriginals({ db, clock, cases, training: people, mayBeSecond })
  return {
    cases,
    review,
    exposure,
    looks,
    calls,
    pager,
    onCall: pager.onCall,
    feature: {
      name: "casework",
      routes: (app) => {
        caseRoutes(app, { cases, db, clock, assertDispatch: (person) => exposure.assertDispatch(person) })
        reviewRoutes(app, { review, cases, clock })
        lookRoutes(app, { looks, cases, clock })
        originalRoutes(app, { originals, cases, clock })
        exposureRoutes(app, { exposure })
        preferenceRoutes(app, { preferences })
      },
      jobs: [
        settleDecision({ review }),
        watchDeadlines(deps),
        mergeCounts(deps),
        checkCounts(deps),
        pagePerson({ config: pagerConfig, clock, calls }),
      ],
      measures: caseMeasures(deps),
    },
  }
}
