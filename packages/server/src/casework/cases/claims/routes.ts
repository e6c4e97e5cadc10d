/**
 * Routes by which people claim and release cases.
 * @module
 */
import { CallView, CaseDetail, CaseIdText, ClaimBody, FlaggedCase, NextCase } from "@nightlight/contract/server"
import type { Clock } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, personOf } from "../../../platform/http/route.ts"
import { caseExists } from "../access.ts"
import { toCallView } from "../call-view.ts"
import type { CasesService } from "../service.ts"
import { toDetail } from "../views.ts"

const Params = z.strictObject({ caseId: CaseIdText })

/** The service, and who may be given a case now. */
export interface ClaimRoutesDeps {
  readonly cases: CasesService
  readonly clock: Clock
  /** Whether a person may be given the next case now; throws `budget_reached` during a break. */
  readonly assertDispatch: (person: string) => Promise<void>
}

/** Registers `/v1/cases/next` and a case's `claim`, `danger` and `call`, which needs only `case:read`. */
export function claimRoutes(app: FastifyInstance, { cases, clock, assertDispatch }: ClaimRoutesDeps): void {
  const review = { kind: "permission", permission: "case:review" } as const
  const object = caseExists(cases)

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/next",
    summary: "Claims the first waiting case that the caller may work on.",
    access: review,
    object: { kind: "none", because: "the queue gives only cases that the caller may work on" },
    reply: NextCase,
    handle: async ({ actor }) => {
      const person = personOf(actor)
      await assertDispatch(person.id)
      const head = await cases.claimNext(person)
      return head === undefined ? {} : { case: toDetail(head, person.id, clock.now()) }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/claim",
    summary: "Claims a case for 15 minutes. 409 names the person who was faster.",
    access: review,
    object,
    params: Params,
    body: ClaimBody,
    reply: CaseDetail,
    handle: async ({ actor, params, body }) => {
      const head = await cases.claim(personOf(actor), params.caseId, body.version)
      return toDetail(head, actor.id, clock.now())
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/claim/renew",
    summary: "Renews the caller's claim for another 15 minutes.",
    access: review,
    object,
    params: Params,
    reply: CaseDetail,
    handle: async ({ actor, params }) =>
      toDetail(await cases.renew(personOf(actor), params.caseId), actor.id, clock.now()),
  })

  addRoute(app, {
    method: "DELETE",
    url: "/v1/cases/:caseId/claim",
    summary: "Releases the caller's claim.",
    access: review,
    object,
    params: Params,
    reply: CaseDetail,
    handle: async ({ actor, params }) =>
      toDetail(await cases.release(personOf(actor), params.caseId), actor.id, clock.now()),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/danger",
    summary: "Flags imminent danger and pages a person, if a pager is set up; the answer says whether one is.",
    access: review,
    object,
    params: Params,
    reply: FlaggedCase,
    handle: async ({ actor, params }) => {
      const head = await cases.flagDanger(personOf(actor), params.caseId)
      return { ...toDetail(head, actor.id, clock.now()), ...toCallView(await cases.callAbout(params.caseId)) }
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/call",
    summary: "Says whether anybody can be paged about a case, and whether a pager accepted the call.",
    access: { kind: "permission", permission: "case:read" },
    object,
    params: Params,
    reply: CallView,
    handle: async ({ params }) => toCallView(await cases.callAbout(params.caseId)),
  })
}
