/**
 * Routes of acts that take two people. Each feature has its own route to ask.
 * @module
 */

import {
  ActList,
  ActQuery,
  ActView,
  DeclineBody,
  SecondActBody,
  SecondedAct,
  SignActBody,
} from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import type { Actor } from "../../platform/auth/actor.ts"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { Acts } from "./service.ts"
import type { Act } from "./types.ts"

const ActParams = z.strictObject({ actId: z.string().max(80) })

/** Routes under `/v1/acts`. */
export function actRoutes(app: FastifyInstance, { acts }: { readonly acts: Acts }): void {
  const object = {
    kind: "check",
    allows: async (actor: Actor, { actId }: z.output<typeof ActParams>) => acts.mayRead(personOf(actor), actId),
  } as const

  addRoute(app, {
    method: "GET",
    url: "/v1/acts",
    summary: "Acts of two people that the caller asked for or has a part in, newest first",
    access: { kind: "permission", permission: "act:read" },
    object: { kind: "none", because: "the list holds what the caller has a part in" },
    query: ActQuery,
    reply: ActList,
    handle: async ({ actor, query }) => ({
      acts: (await acts.list(personOf(actor), query.state)).map(({ act, maySecond }) => toActView(act, maySecond)),
    }),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/acts/:actId",
    summary: "One act of two people, as it is to be signed",
    access: { kind: "permission", permission: "act:read" },
    object,
    params: ActParams,
    reply: ActView,
    handle: async ({ actor, params }) => {
      const { act, maySecond } = await acts.get(personOf(actor), params.actId)
      return toActView(act, maySecond)
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/acts/:actId/sign",
    summary: "Signs an act as whoever asked for it",
    access: { kind: "permission", permission: "act:read" },
    object,
    params: ActParams,
    body: SignActBody,
    reply: ActView,
    handle: async ({ actor, params, body }) =>
      toActView(await acts.sign(personOf(actor), params.actId, body.proof), false),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/acts/:actId/second",
    summary: "Seconds an act, which does it",
    access: { kind: "permission", permission: "act:second", stepUp: true },
    object,
    params: ActParams,
    // May be left out where nobody must sign.
    body: SecondActBody.nullish(),
    reply: SecondedAct,
    handle: async ({ actor, params, body }) => {
      const { act, result } = await acts.second(personOf(actor), params.actId, body?.proof)
      return { act: toActView(act, false), result }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/acts/:actId/decline",
    summary: "Declines an act, or takes it back",
    access: { kind: "permission", permission: "act:read" },
    object,
    params: ActParams,
    // A body may be left out: nobody owes a reason.
    body: DeclineBody.nullish(),
    reply: ActView,
    handle: async ({ actor, params, body }) =>
      toActView(await acts.decline(personOf(actor), params.actId, body?.reason), false),
  })
}

/** An act as the API shows it. */
export function toActView(act: Act, maySecond: boolean): ActView {
  const { id, kind, subject, payload, state, askedBy, askedAt, expiresAt } = act
  const { decidedBy, decidedAt, declineReason, grant, askProof, secondProof } = act
  return compact({
    id,
    kind,
    subject,
    payload,
    state,
    askedBy,
    maySecond,
    askedAt: askedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    decidedBy,
    decidedAt: decidedAt?.toISOString(),
    declineReason,
    grant,
    signed: { ask: askProof !== undefined, second: secondProof !== undefined },
  })
}
