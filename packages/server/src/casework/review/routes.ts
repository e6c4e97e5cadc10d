/**
 * Routes of decisions.
 * @module
 */

import {
  AgreementQuery,
  AgreementView,
  CaseDetail,
  CaseIdText,
  DecisionBody,
  DecisionList,
  WaiveBody,
} from "@nightlight/contract/server"
import type { Clock } from "@nightlight/core"
import { DAY_MS } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, personOf } from "../../platform/http/route.ts"
import { caseExists, caseIsHeldBy, caseIsOpenTo } from "../cases/access.ts"
import type { CasesService } from "../cases/service.ts"
import { toDetail } from "../cases/views.ts"
import type { ReviewService } from "./service.ts"
import { toDecisionInput, toDecisionView } from "./views.ts"

/** Dependencies of {@link reviewRoutes}. */
export interface ReviewRoutesDeps {
  readonly review: ReviewService
  readonly cases: CasesService
  readonly clock: Clock
}

const Params = z.strictObject({ caseId: CaseIdText })

/** A thousand items, each with everything that can be said of it. */
const BODY_LIMIT_BYTES = 1024 * 1024
const AGREEMENT_DAYS = 90

/** Registers a case's `decisions` and `second-review/waive`, and `/v1/review/agreement`. */
export function reviewRoutes(app: FastifyInstance, { review, cases, clock }: ReviewRoutesDeps): void {
  const now = () => clock.now()
  const decide = { kind: "permission", permission: "case:review" } as const

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/decisions",
    summary: "Decides a case that the caller holds. It can be undone for 10 seconds.",
    access: decide,
    object: caseIsHeldBy(cases, now),
    params: Params,
    body: DecisionBody,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    reply: CaseDetail,
    status: 201,
    handle: async ({ actor, params, body }) => {
      const head = await review.decide(personOf(actor), params.caseId, toDecisionInput(body))
      return toDetail(head, actor.id, now())
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/decisions/undo",
    summary: "Undoes the caller's decision, within 10 seconds.",
    access: decide,
    object: caseExists(cases),
    params: Params,
    reply: CaseDetail,
    handle: async ({ actor, params }) => toDetail(await review.undo(personOf(actor), params.caseId), actor.id, now()),
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/decisions",
    summary: "Lists decisions with their rationales; until a case is decided, only the caller's own.",
    access: { kind: "permission", permission: "case:context" },
    object: caseIsOpenTo(cases, now),
    params: Params,
    reply: DecisionList,
    handle: async ({ actor, params }) => ({
      decisions: (await review.decisionsFor(personOf(actor), params.caseId)).map(toDecisionView),
    }),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/second-review/waive",
    summary: "Lets a report proceed without the second review that it waits for.",
    access: { kind: "permission", permission: "case:waive-second-review", stepUp: true },
    object: caseExists(cases),
    params: Params,
    body: WaiveBody,
    reply: CaseDetail,
    handle: async ({ actor, params, body }) =>
      toDetail(await review.waiveSecondReview(personOf(actor), params.caseId, body.reason), actor.id, now()),
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/review/agreement",
    summary: "Says how often second reviewers agreed, counted from the log.",
    access: { kind: "permission", permission: "review:read" },
    object: { kind: "none", because: "it counts over all cases and names nobody" },
    query: AgreementQuery,
    reply: AgreementView,
    handle: async ({ query }) => {
      const to = query.to === undefined ? now() : new Date(query.to)
      const from = query.from === undefined ? new Date(to.getTime() - AGREEMENT_DAYS * DAY_MS) : new Date(query.from)
      return { from: from.toISOString(), to: to.toISOString(), ...(await review.agreement(from, to)) }
    },
  })
}
