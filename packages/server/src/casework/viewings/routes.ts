/**
 * Routes of looks.
 * @module
 */
import { CaseIdText, ItemIdText, LookAttestBody, LookEndBody, LookRequest, LookView } from "@nightlight/contract/server"
import type { Clock } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, personOf } from "../../platform/http/route.ts"
import { caseExists, caseIsHeldBy } from "../cases/access.ts"
import type { CasesService } from "../cases/service.ts"
import type { LooksService } from "./service.ts"

const Params = z.strictObject({ caseId: CaseIdText, itemId: ItemIdText })
const LookParams = z.strictObject({
  ...Params.shape,
  lookId: z.string().regex(/^look-[0-9a-f-]{36}$/),
})
const Done = z.strictObject({ done: z.literal(true) })

/** Routes under `/v1/cases/:caseId/items/:itemId/looks`. */
export function lookRoutes(
  app: FastifyInstance,
  { looks, cases, clock }: { readonly looks: LooksService; readonly cases: CasesService; readonly clock: Clock },
): void {
  const looking = { kind: "permission", permission: "look:derivative" } as const

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/items/:itemId/looks",
    summary: "Shows an item to who holds its case, encrypted to the viewer's key. 429 says which budget is spent.",
    access: { ...looking, stepUp: true },
    object: caseIsHeldBy(cases, () => clock.now()),
    params: Params,
    body: LookRequest,
    reply: LookView,
    status: 201,
    handle: async ({ actor, params, body, reply }) => {
      const { lookId, shownAt, answer } = await looks.look(personOf(actor), params, body.proven)
      void reply.header("cache-control", "no-store")
      return { lookId, shownAt: shownAt.toISOString(), answer }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/items/:itemId/looks/:lookId/end",
    summary: "Says that the picture is hidden again, and for how long it was visible.",
    access: looking,
    object: caseExists(cases),
    params: LookParams,
    body: LookEndBody,
    reply: Done,
    handle: async ({ actor, params, body }) => {
      await looks.end(personOf(actor), params, body.secondsVisible)
      return { done: true } as const
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/items/:itemId/looks/:lookId/attest",
    summary: "Takes the viewer's signed word that they saw the whole original to the custodian.",
    access: { kind: "permission", permission: "look:original", stepUp: true },
    object: caseExists(cases),
    params: LookParams,
    body: LookAttestBody,
    reply: Done,
    handle: async ({ actor, params, body }) => {
      await looks.attest(personOf(actor), params, body)
      return { done: true } as const
    },
  })
}
