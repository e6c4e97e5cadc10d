/**
 * Routes of viewings.
 * @module
 */
import {
  CaseIdText,
  ItemIdText,
  ViewingAttestBody,
  ViewingEndBody,
  ViewingRequest,
  ViewingView,
} from "@nightlight/contract/server"
import type { Clock } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, personOf } from "../../platform/http/route.ts"
import { caseExists, caseIsHeldBy } from "../cases/access.ts"
import type { CasesService } from "../cases/service.ts"
import type { ViewingsService } from "./service.ts"

const Params = z.strictObject({ caseId: CaseIdText, itemId: ItemIdText })
const ViewingParams = z.strictObject({
  ...Params.shape,
  viewingId: z.string().regex(/^viewing-[0-9a-f-]{36}$/),
})
const Done = z.strictObject({ done: z.literal(true) })

/**
 * Registers an item's `viewings`. Attesting needs `viewing:original` and a step-up, the others `viewing:derivative`.
 */
export function viewingRoutes(
  app: FastifyInstance,
  {
    viewings,
    cases,
    clock,
  }: { readonly viewings: ViewingsService; readonly cases: CasesService; readonly clock: Clock },
): void {
  const viewing = { kind: "permission", permission: "viewing:derivative" } as const

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/items/:itemId/viewings",
    summary:
      "Shows an item to the person who holds its case, encrypted to the viewer's key. 429 names the exhausted budget.",
    access: { ...viewing, stepUp: true },
    object: caseIsHeldBy(cases, () => clock.now()),
    params: Params,
    body: ViewingRequest,
    reply: ViewingView,
    status: 201,
    handle: async ({ actor, params, body, reply }) => {
      const { viewingId, shownAt, answer } = await viewings.view(personOf(actor), params, body.proven)
      void reply.header("cache-control", "no-store")
      return { viewingId, shownAt: shownAt.toISOString(), answer }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/items/:itemId/viewings/:viewingId/end",
    summary: "Reports that the picture is hidden again, and for how long it was visible.",
    access: viewing,
    object: caseExists(cases),
    params: ViewingParams,
    body: ViewingEndBody,
    reply: Done,
    handle: async ({ actor, params, body }) => {
      await viewings.end(personOf(actor), params, body.secondsVisible)
      return { done: true } as const
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/items/:itemId/viewings/:viewingId/attest",
    summary: "Passes the viewer's signed statement that they saw the whole original to the custodian.",
    access: { kind: "permission", permission: "viewing:original", stepUp: true },
    object: caseExists(cases),
    params: ViewingParams,
    body: ViewingAttestBody,
    reply: Done,
    handle: async ({ actor, params, body }) => {
      await viewings.attest(personOf(actor), params, body)
      return { done: true } as const
    },
  })
}
