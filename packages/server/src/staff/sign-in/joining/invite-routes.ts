/**
 * Routes of administrators: invitations and break-glass access.
 * @module
 */
import { BreakGlassList, BreakGlassView, InviteBody, LinkAnswer, SecondBody } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, personOf } from "../../../platform/http/route.ts"
import { toLinkAnswer } from "../../people/views.ts"
import type { SignIn } from "../service.ts"
import { toBreakGlassView } from "../views.ts"

const INVITE = { kind: "permission", permission: "person:manage", stepUp: true } as const
const STAFF = { kind: "none", because: "the staff list belongs to the installation" } as const

/**
 * Registers `/v1/people` (to invite), `/v1/setup/second` and `/v1/break-glass`. Inviting needs `person:manage` and a
 * step-up.
 */
export function inviteRoutes(app: FastifyInstance, { signIn }: { readonly signIn: SignIn }): void {
  const { joining, breakGlass } = signIn

  addRoute(app, {
    method: "POST",
    url: "/v1/people",
    summary: "Makes a person without any role; only this answer shows the link to join by",
    access: INVITE,
    object: STAFF,
    body: InviteBody,
    reply: LinkAnswer,
    status: 201,
    handle: async ({ actor, body }) => toLinkAnswer(await joining.invite(personOf(actor), body)),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/people/:personId/invitation",
    summary: "Makes a new link for somebody who has not joined; the earlier one becomes void",
    access: INVITE,
    object: STAFF,
    params: z.strictObject({ personId: z.string().max(80) }),
    reply: LinkAnswer,
    handle: async ({ actor, params }) => toLinkAnswer(await joining.inviteAgain(personOf(actor), params.personId)),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/setup/second",
    summary: "Invites another second administrator, until one has joined",
    access: INVITE,
    object: STAFF,
    body: SecondBody,
    reply: LinkAnswer,
    handle: async ({ actor, body }) => toLinkAnswer(await joining.inviteSecond(personOf(actor), body)),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/break-glass",
    summary: "Lists the host's break-glass requests, newest first",
    access: { kind: "permission", permission: "operations:read" },
    object: STAFF,
    reply: BreakGlassList,
    handle: async () => ({ requests: (await breakGlass.list()).map(toBreakGlassView) }),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/break-glass/:requestId/cancel",
    summary: "Cancels a waiting break-glass request",
    access: { kind: "permission", permission: "operations:manage" },
    object: STAFF,
    params: z.strictObject({ requestId: z.string().max(80) }),
    reply: BreakGlassView,
    handle: async ({ actor, params }) => toBreakGlassView(await breakGlass.cancel(personOf(actor), params.requestId)),
  })
}
