/**
 * Routes of passkeys: sign-in, step-up, and managing one's own.
 * @module
 */

import {
  PasskeyList,
  PasskeyMadeBody,
  PasskeyMakeAnswer,
  PasskeyProofBody,
  PasskeyRenameBody,
  PasskeyStartAnswer,
  SessionView,
  SignedIn,
} from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { sessionCookie } from "../../../platform/http/cookies.ts"
import { addRoute, personOf } from "../../../platform/http/route.ts"
import { deviceCookie, passkeyCookie } from "../cookies.ts"
import type { SignIn } from "../service.ts"
import { toSessionView } from "../views.ts"

const SIGN_IN = { kind: "public", because: "nobody is signed in yet" } as const
const NONE = { kind: "none", because: "nobody is signed in, so it belongs to nobody" } as const
const SELF = { kind: "permission", permission: "self:read" } as const
const SELF_PROVED = { kind: "permission", permission: "self:read", stepUp: true } as const
const OWN = { kind: "none", because: "this belongs to the caller" } as const
const OneOfMine = z.strictObject({ credentialId: z.string().max(1400) })
const Done = z.strictObject({})

/** Registers the routes of passkeys: sign-in and step-up in two calls each, and `/v1/me/passkeys`. */
export function passkeyRoutes(app: FastifyInstance, { signIn }: { readonly signIn: SignIn }): void {
  const { passkeys, sessions } = signIn
  const cookie = sessionCookie(signIn.origin)
  const known = deviceCookie(signIn.origin)
  const flow = passkeyCookie(signIn.origin)

  addRoute(app, {
    method: "POST",
    url: "/v1/sign-in/passkey/start",
    summary: "Begins a sign-in by passkey",
    access: SIGN_IN,
    object: NONE,
    reply: PasskeyStartAnswer,
    handle: async ({ reply }) => {
      const { flow: sealed, nonce, rpId } = passkeys.startSignIn()
      flow.write(reply, sealed)
      return { nonce, rpId, credentialIds: [] }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/sign-in/passkey",
    summary: "Signs in with a passkey's signature",
    access: SIGN_IN,
    object: NONE,
    body: PasskeyProofBody,
    reply: SignedIn,
    handle: async ({ body, request, reply }) => {
      const from = { address: request.ip, device: known.read(request) }
      const sealed = flow.read(request)
      flow.clear(reply)
      const { session, token, device } = await passkeys.signIn({ flow: sealed, assertion: body }, from)
      cookie.write(reply, token)
      known.write(reply, device)
      return { personId: session.personId, session: toSessionView(session, sessions, session.id) }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/step-up/passkey/start",
    summary: "Begins a step-up by passkey",
    access: SELF,
    object: OWN,
    reply: PasskeyStartAnswer,
    handle: async ({ actor, reply }) => {
      const { flow: sealed, nonce, rpId, credentialIds } = await passkeys.startStepUp(personOf(actor))
      flow.write(reply, sealed)
      return { nonce, rpId, credentialIds: [...credentialIds] }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/step-up/passkey",
    summary: "Steps up the session with a signature of the caller's passkey, for ten minutes",
    access: SELF,
    object: OWN,
    body: PasskeyProofBody,
    reply: SessionView,
    handle: async ({ actor, body, request, reply }) => {
      const caller = personOf(actor)
      const sealed = flow.read(request)
      flow.clear(reply)
      const session = await passkeys.stepUp(caller, { flow: sealed, assertion: body })
      return toSessionView(session, sessions, caller.session)
    },
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/me/passkeys",
    summary: "Lists the caller's sign-in passkeys, oldest first",
    access: SELF,
    object: OWN,
    reply: PasskeyList,
    handle: async ({ actor }) => {
      const caller = personOf(actor)
      const own = await passkeys.list(caller)
      const { party } = passkeys
      return compact({
        passkeys: own.map(({ credentialId, name, madeAt, usedAt }) =>
          compact({
            credentialId,
            name,
            madeAt: madeAt.toISOString(),
            usedAt: usedAt?.toISOString(),
          }),
        ),
        party: party === undefined ? undefined : { rpId: party.rpId, origins: [...party.origins] },
        mayMake: await passkeys.mayMake(caller),
      })
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/me/passkeys/start",
    summary: "Begins to add a sign-in passkey",
    access: SELF_PROVED,
    object: OWN,
    reply: PasskeyMakeAnswer,
    handle: async ({ actor, reply }) => {
      const { flow: sealed, nonce, rpId, userId, credentialIds } = await passkeys.startMaking(personOf(actor))
      flow.write(reply, sealed)
      return { nonce, rpId, userId, credentialIds: [...credentialIds] }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/me/passkeys",
    summary: "Adds a passkey that the caller's browser made",
    access: SELF_PROVED,
    object: OWN,
    body: PasskeyMadeBody,
    reply: Done,
    handle: async ({ actor, body, request, reply }) => {
      const sealed = flow.read(request)
      flow.clear(reply)
      await passkeys.finishMaking(personOf(actor), { flow: sealed, ...body })
      return {}
    },
  })
  addRoute(app, {
    method: "PUT",
    url: "/v1/me/passkeys/:credentialId",
    summary: "Renames a passkey of the caller",
    access: SELF,
    object: OWN,
    params: OneOfMine,
    body: PasskeyRenameBody,
    reply: Done,
    handle: async ({ actor, params, body }) => {
      await passkeys.rename(personOf(actor), params.credentialId, body.name)
      return {}
    },
  })
  addRoute(app, {
    method: "DELETE",
    url: "/v1/me/passkeys/:credentialId",
    summary: "Removes a passkey of the caller, which can no longer sign in",
    access: SELF_PROVED,
    object: OWN,
    params: OneOfMine,
    reply: Done,
    handle: async ({ actor, params }) => {
      await passkeys.remove(personOf(actor), params.credentialId)
      return {}
    },
  })
}
