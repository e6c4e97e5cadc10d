/**
 * Routes of the signed-in person: account, sessions, proofs and signing key.
 * @module
 */
import {
  Me,
  MyKeyBody,
  MySigning,
  OidcStartAnswer,
  OidcStartBody,
  PasswordBody,
  SessionList,
  SessionView,
  StepUpBody,
} from "@nightlight/contract/server"
import { compact, RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { permissionsOf } from "../../platform/auth/permissions.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import { sessionCookie } from "../../platform/http/cookies.ts"
import { addRoute, clearSiteData, personOf } from "../../platform/http/route.ts"
import type { People } from "../people/service.ts"
import { toTraining } from "../people/views.ts"
import { oidcCookie } from "./cookies.ts"
import type { SignIn } from "./service.ts"
import { toSessionView } from "./views.ts"

/** Dependencies of {@link meRoutes}. */
export interface MeRoutesDeps {
  readonly signIn: SignIn
  readonly people: People
  readonly custodian: Pick<CustodianClient, "enrol" | "enrolments" | "state">
}

const SELF = { kind: "permission", permission: "self:read" } as const
const SELF_PROVED = { kind: "permission", permission: "self:read", stepUp: true } as const
const OWN = { kind: "none", because: "this belongs to the caller" } as const
const Done = z.strictObject({})

/** Routes under `/v1/me`, and those that step up or end the caller's session. */
export function meRoutes(app: FastifyInstance, { signIn, people, custodian }: MeRoutesDeps): void {
  const { local, oidc, sessions } = signIn
  const cookie = sessionCookie(signIn.origin)
  const flow = oidcCookie(signIn.origin)
  const views = async (actor: PersonActor): Promise<SessionView[]> =>
    (await sessions.list(actor.id)).map((session) => toSessionView(session, sessions, actor.session))

  addRoute(app, {
    method: "GET",
    url: "/v1/me",
    summary: "Reads the signed-in person: roles, permissions in effect, and until when their training is valid",
    access: SELF,
    object: OWN,
    reply: Me,
    handle: async ({ actor }) => {
      const caller = personOf(actor)
      const { id, name, email, roles, training, trained, custodyKeyAt } = await people.get(caller.id)
      const session = (await views(caller)).find(({ current }) => current)
      if (session === undefined) throw new RequestError("unauthenticated", "the session has ended: sign in again")
      return {
        id,
        name,
        email,
        session,
        roles: roles.map(({ role }) => role),
        permissions: [...permissionsOf(caller)],
        ...compact({
          training: training === undefined ? undefined : toTraining(training, trained),
          custodyKeyAt: custodyKeyAt?.toISOString(),
        }),
      }
    },
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/me/signing",
    summary: "Reads the caller's signing keys with the custodian, and which kinds it accepts from a passkey alone",
    access: SELF,
    object: OWN,
    reply: MySigning,
    handle: async ({ actor }) => {
      const { id } = personOf(actor)
      const [{ passkeys }, { people: enrolled }] = await Promise.all([custodian.state(), custodian.enrolments()])
      const own = enrolled.find(({ person, revokedAt }) => person === id && revokedAt === undefined)
      if (own === undefined) return { passkeys }
      const { keyId, enrolledAt, passkey } = own
      return { passkeys, enrolled: passkey === undefined ? { keyId, enrolledAt } : { keyId, enrolledAt, passkey } }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/me/key",
    summary: "Enrols the caller's signing key with the custodian, against the host's one-time code",
    access: SELF_PROVED,
    object: OWN,
    body: MyKeyBody,
    reply: Done,
    handle: async ({ actor, body }) => {
      const caller = personOf(actor)
      await custodian.enrol({ person: caller.id, ...body })
      await people.recordCustodyKey(caller)
      return {}
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/me/password",
    summary: "Changes the password; the caller's other sessions end",
    access: SELF_PROVED,
    object: OWN,
    body: PasswordBody,
    reply: Done,
    handle: async ({ actor, body }) => {
      await local.changePassword(personOf(actor), body.password)
      return {}
    },
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/me/sessions",
    summary: "Lists the caller's live sessions, newest first",
    access: SELF,
    object: OWN,
    reply: SessionList,
    handle: async ({ actor }) => ({ sessions: await views(personOf(actor)) }),
  })
  addRoute(app, {
    method: "DELETE",
    url: "/v1/me/sessions/:sessionId",
    summary: "Ends one of the caller's sessions",
    access: SELF,
    object: OWN,
    params: z.strictObject({ sessionId: z.string().max(80) }),
    reply: Done,
    handle: async ({ actor, params, reply }) => {
      const caller = personOf(actor)
      await sessions.end(caller, params.sessionId)
      if (params.sessionId === caller.session) clearSiteData(reply)
      return {}
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/sign-out",
    summary: "Ends the caller's session",
    access: SELF,
    object: OWN,
    reply: Done,
    handle: async ({ actor, reply }) => {
      const caller = personOf(actor)
      await sessions.end(caller, caller.session)
      cookie.clear(reply)
      clearSiteData(reply)
      return {}
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/step-up",
    summary: "Steps up the session by password and code, for ten minutes",
    access: SELF,
    object: OWN,
    body: StepUpBody,
    reply: SessionView,
    handle: async ({ actor, body }) => {
      const caller = personOf(actor)
      const session = await local.stepUp(caller, body)
      return toSessionView(session, sessions, caller.session)
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/step-up/oidc",
    summary: "Begins a step-up by single sign-on: the issuer requires a new proof",
    access: SELF,
    object: OWN,
    body: OidcStartBody,
    reply: OidcStartAnswer,
    handle: async ({ actor, body, reply }) => {
      const started = await oidc.startStepUp(body.issuer, personOf(actor))
      flow.write(reply, started.flow)
      return { redirectTo: started.redirectTo }
    },
  })
}
