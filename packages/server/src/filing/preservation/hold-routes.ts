/**
 * Routes of holds.
 * @module
 */
import { Done, HoldAnswer, HoldBody, HoldDetail, LiftBody } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { addRoute, needs, personOf } from "../../platform/http/route.ts"
import { type CaseAccess, CaseParams, caseCheck } from "./case-access.ts"
import type { PreservationService } from "./service.ts"
import { toHoldView } from "./views.ts"

const DONE = { done: true } as const

/** Dependencies of {@link holdRoutes}. */
export interface HoldRouteDeps extends TransactDeps, CaseAccess {
  readonly preservation: Pick<PreservationService, "hold" | "readHold" | "lift">
}

const HoldParams = z.strictObject({ holdId: z.string().max(80) })

/** Registers the routes that place, open and lift holds, for `preservation:hold`. Lifting needs a step-up. */
export function holdRoutes(app: FastifyInstance, deps: HoldRouteDeps): void {
  const { preservation } = deps
  const caseExists = caseCheck(deps)

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/holds",
    summary: "Holds a case's evidence beyond its clock.",
    access: needs("preservation:hold"),
    object: caseExists,
    params: CaseParams,
    body: HoldBody,
    reply: HoldAnswer,
    status: 201,
    handle: async ({ actor, params, body: { reason, reference, until } }) => ({
      holdId: await transact(deps, actor.id, (tx) =>
        preservation.hold(
          tx,
          personOf(actor).id,
          params.caseId,
          compact({
            reason,
            reference,
            until: until === undefined ? undefined : new Date(until),
          }),
        ),
      ),
    }),
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/holds/:holdId",
    summary: "Opens the reference of a hold; this is recorded.",
    access: needs("preservation:hold"),
    object: { kind: "none", because: "it answers not_found for a hold that is not there" },
    params: HoldParams,
    reply: HoldDetail,
    handle: async ({ actor, params }) => {
      const { hold, reference } = await preservation.readHold(personOf(actor), params.holdId)
      return { hold: toHoldView(hold), reference }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/holds/:holdId/lift",
    summary: "Lifts a hold.",
    access: needs("preservation:hold", "step-up"),
    object: { kind: "none", because: "lifting answers not_found for a hold that is not there" },
    params: HoldParams,
    body: LiftBody,
    reply: Done,
    handle: async ({ actor, params, body }) => {
      await preservation.lift(personOf(actor), params.holdId, body.why)
      return DONE
    },
  })
}
