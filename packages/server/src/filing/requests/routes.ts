/**
 * Routes of requests by authorities.
 * @module
 */
import {
  DiscloseAnswer,
  DiscloseBody,
  DisclosureLog,
  type DisclosureView,
  Done,
  LeRequestBody,
  LeRequestDetail,
  LeRequestList,
  LeRequestQuery,
  LeRequestView,
  LinkCaseBody,
} from "@nightlight/contract/server"
import { compact, RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { addRoute, needs, personOf } from "../../platform/http/route.ts"
import type { Approvals } from "../../staff/approvals/service.ts"
import { DISCLOSE_APPROVAL, type RequestService } from "./service.ts"
import type { Disclosure, LeRequest } from "./types.ts"

/** Dependencies of {@link requestRoutes}. */
export interface RequestRouteDeps extends TransactDeps {
  readonly requests: RequestService
  readonly approvals: Approvals
  readonly caseExists: (caseId: string) => Promise<boolean>
}

const Params = z.strictObject({ requestId: z.string().max(80) })
const DONE = { done: true } as const
const NO_OBJECT = {
  kind: "none",
  because: "everybody with the permission handles every recorded request; a missing one is not_found",
} as const

/** Registers the routes under `/v1/requests`. */
export function requestRoutes(app: FastifyInstance, deps: RequestRouteDeps): void {
  const { requests, approvals } = deps
  const assertCase = async (caseId: string): Promise<void> => {
    if (!(await deps.caseExists(caseId))) throw new RequestError("not_found", "there is no such case")
  }

  addRoute(app, {
    method: "POST",
    url: "/v1/requests",
    summary: "Records a request of law enforcement or NCMEC.",
    access: needs("request:manage"),
    object: NO_OBJECT,
    body: LeRequestBody,
    reply: LeRequestView,
    status: 201,
    handle: async ({ actor, body: { kind, scope, receivedAt, dueAt } }) =>
      toView(
        await requests.open(personOf(actor), {
          kind,
          scope,
          receivedAt: new Date(receivedAt),
          dueAt: dueAt === undefined ? undefined : new Date(dueAt),
        }),
      ),
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/requests",
    summary: "Lists requests, newest first.",
    access: needs("request:read"),
    object: NO_OBJECT,
    query: LeRequestQuery,
    reply: LeRequestList,
    handle: async ({ query: { state, caseId } }) => {
      const filter = compact({ state, caseId })
      return { requests: (await requests.list(filter)).map(toView) }
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/requests/:requestId",
    summary: "Opens a request with its scope; this is recorded.",
    access: needs("request:manage"),
    object: NO_OBJECT,
    params: Params,
    reply: LeRequestDetail,
    handle: async ({ actor, params }) => {
      const { request, scope, cases, disclosures } = await requests.read(personOf(actor), params.requestId)
      return { request: toView(request), scope: { ...scope }, cases: [...cases], disclosures: disclosures.map(toLine) }
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/requests/:requestId/disclosures",
    summary: "Lists the cases that a request names and what was disclosed for it, without its scope.",
    access: needs("request:read"),
    object: NO_OBJECT,
    params: Params,
    reply: DisclosureLog,
    handle: async ({ params }) => {
      const { request, cases, disclosures } = await requests.log(params.requestId)
      return { request: toView(request), cases: [...cases], disclosures: disclosures.map(toLine) }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/requests/:requestId/cases",
    summary: "Links a case to a request; a preservation letter holds its evidence.",
    access: needs("request:manage"),
    object: NO_OBJECT,
    params: Params,
    body: LinkCaseBody,
    reply: Done,
    handle: async ({ actor, params, body }) => {
      await assertCase(body.caseId)
      await requests.link(personOf(actor), params.requestId, body.caseId)
      return DONE
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/requests/:requestId/close",
    summary: "Closes a request.",
    access: needs("request:manage"),
    object: NO_OBJECT,
    params: Params,
    reply: Done,
    handle: async ({ actor, params }) => {
      await requests.close(personOf(actor), params.requestId)
      return DONE
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/requests/:requestId/disclosures",
    summary: "Requests a disclosure of a case; a second person approves it.",
    access: needs("evidence:export", "step-up"),
    object: NO_OBJECT,
    params: Params,
    body: DiscloseBody,
    reply: DiscloseAnswer,
    status: 202,
    handle: async ({ actor, params: { requestId }, body: { caseId, kind } }) => {
      const approval = await transact(deps, actor.id, (tx) =>
        approvals.request(tx, personOf(actor), DISCLOSE_APPROVAL, caseId, { requestId, kind }),
      )
      return { approvalId: approval.id }
    },
  })
}

function toView(request: LeRequest): z.input<typeof LeRequestView> {
  const { requestId, kind, state, receivedAt, dueAt, openedBy, openedAt, closedBy, closedAt } = request
  return compact({
    requestId,
    kind,
    state,
    openedBy,
    receivedAt: receivedAt.toISOString(),
    openedAt: openedAt.toISOString(),
    dueAt: dueAt?.toISOString(),
    closedBy,
    closedAt: closedAt?.toISOString(),
  })
}

function toLine(disclosure: Disclosure): z.input<typeof DisclosureView> {
  const { disclosureId, caseId, kind, approvalId, requestedBy, approvedBy, documentSha256, disclosedAt } = disclosure
  return compact({
    disclosureId,
    caseId,
    kind,
    approvalId,
    requestedBy,
    approvedBy,
    disclosedAt: disclosedAt.toISOString(),
    documentSha256,
  })
}
