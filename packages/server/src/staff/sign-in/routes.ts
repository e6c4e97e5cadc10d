/**
 * Routes without a session: set-up, joining, sign-in.
 * @module
 */
import {
  ConfirmAnswer,
  ConfirmBody,
  EnrolmentAnswer,
  JoinBody,
  LinkKeyAnswer,
  LinkKeyBody,
  OidcFinishAnswer,
  OidcFinishBody,
  OidcJoinBody,
  OidcSetupBody,
  OidcStartAnswer,
  OidcStartBody,
  SetupBody,
  SignedIn,
  SignInBody,
  SignInWays,
} from "@nightlight/contract/server"
import { compact, hasCode, RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { sessionCookie } from "../../platform/http/cookies.ts"
import { addRoute } from "../../platform/http/route.ts"
import { toLinkAnswer } from "../people/views.ts"
import { deviceCookie, oidcCookie, turnCookie } from "./cookies.ts"
import type { Enrolment, LinkProof } from "./joining/joining.ts"
import type { SignedChallenge } from "./joining/link-keys.ts"
import type { SignIn } from "./service.ts"
import { toSessionView } from "./views.ts"

const SIGN_IN = { kind: "public", because: "nobody is signed in yet" } as const
const LINK = { kind: "public", because: "the link's token is the proof" } as const
const NONE = { kind: "none", because: "nobody is signed in, so it belongs to nobody" } as const

/** Registers `/v1/sign-in` and its single sign-on. None of them needs a session. */
export function signInRoutes(app: FastifyInstance, { signIn }: { readonly signIn: SignIn }): void {
  const { local, oidc, sessions } = signIn
  const cookie = sessionCookie(signIn.origin)
  const known = deviceCookie(signIn.origin)
  const turn = turnCookie(signIn.origin)
  const flow = oidcCookie(signIn.origin)

  addRoute(app, {
    method: "GET",
    url: "/v1/sign-in",
    summary: "Lists the available ways to sign in",
    access: SIGN_IN,
    object: NONE,
    reply: SignInWays,
    handle: async () =>
      compact({
        setUp: await signIn.isSetUp(),
        passwords: signIn.passwords,
        passkeys: signIn.passkeys.party === undefined ? undefined : { rpId: signIn.passkeys.party.rpId },
        issuers: signIn.providers.map(({ id, label }) => ({ id, name: label })),
        demo: signIn.demo,
      }),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/sign-in",
    summary: "Signs in by password and code",
    access: SIGN_IN,
    object: NONE,
    body: SignInBody,
    reply: SignedIn,
    handle: async ({ body: { email, password, code }, request, reply }) => {
      const from = { address: request.ip, device: known.read(request), turn: turn.read(request) }
      const signedIn = local.signIn(email, { password, code }, from).catch((error: unknown) => {
        if (hasCode(error, "too_many_requests")) turn.write(reply, local.turn(email, from.turn))
        throw error
      })
      const { session, token, device } = await signedIn
      if (from.turn !== undefined) turn.clear(reply)
      cookie.write(reply, token)
      known.write(reply, device)
      return { personId: session.personId, session: toSessionView(session, sessions, session.id) }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/sign-in/oidc",
    summary: "Begins a single sign-on and answers where the browser must go",
    access: SIGN_IN,
    object: NONE,
    body: OidcStartBody,
    reply: OidcStartAnswer,
    handle: async ({ body, reply }) => {
      const started = await oidc.startSignIn(body.issuer)
      flow.write(reply, started.flow)
      return { redirectTo: started.redirectTo }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/sign-in/oidc/finish",
    summary: "Completes a single sign-on, a step-up or joining with the issuer's answer",
    access: SIGN_IN,
    object: NONE,
    body: OidcFinishBody,
    reply: OidcFinishAnswer,
    handle: async ({ body, request, reply }) => {
      const sealed = flow.read(request)
      if (sealed === undefined)
        throw new RequestError("unauthenticated", "this sign-in was not started in this browser")
      flow.clear(reply)
      const outcome = await oidc.finish(sealed, body.query)
      if (outcome.purpose === "sign-in") cookie.write(reply, outcome.token)
      const { purpose, personId } = outcome
      if (outcome.purpose !== "setup" || outcome.second === undefined) return { purpose, personId }
      return { purpose, personId, second: toLinkAnswer(outcome.second) }
    },
  })
}

/** Registers `/v1/setup` and `/v1/join`, for whoever holds a link. */
export function joiningRoutes(app: FastifyInstance, { signIn }: { readonly signIn: SignIn }): void {
  const { joining, oidc } = signIn
  const flow = oidcCookie(signIn.origin)

  addRoute(app, {
    method: "POST",
    url: "/v1/setup",
    summary: "Uses a set-up link: sets the first administrator's password and names the second administrator",
    access: LINK,
    object: NONE,
    body: SetupBody,
    reply: EnrolmentAnswer,
    handle: async ({ body: { token, second, ...first } }) => toAnswer(await joining.setUp(token, first, second)),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/join",
    summary: "Uses an invitation or a reset: sets a password and answers the authenticator's secret",
    access: LINK,
    object: NONE,
    body: JoinBody,
    reply: EnrolmentAnswer,
    handle: async ({ body }) => toAnswer(await joining.join(body.token, body.password, toProof(body))),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/join/key",
    summary: "Makes the challenge that a person signs with their enrolled key to open a reset without a code",
    access: LINK,
    object: NONE,
    body: LinkKeyBody,
    reply: LinkKeyAnswer,
    handle: async ({ body }) => {
      const made = await joining.challenge(body.token)
      if (made === undefined) return {}
      const { opening, passkey, challenge } = made
      const { person, link, nonce, issuedAt } = opening
      return { key: { person, link, nonce, issuedAt, challenge, ...compact({ passkey }) } }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/join/confirm",
    summary: "Completes set-up or joining with the authenticator's first code",
    access: LINK,
    object: NONE,
    body: ConfirmBody,
    reply: ConfirmAnswer,
    handle: async ({ body }) => {
      const { personId, second } = await joining.confirm(body.enrolment, body.code)
      return second === undefined ? { personId } : { personId, second: toLinkAnswer(second) }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/setup/oidc",
    summary: "Begins the set-up by single sign-on",
    access: LINK,
    object: NONE,
    body: OidcSetupBody,
    reply: OidcStartAnswer,
    handle: async ({ body: { token, issuer, second, ...first }, reply }) => {
      const started = await oidc.startSetup(issuer, token, first, second)
      flow.write(reply, started.flow)
      return { redirectTo: started.redirectTo }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/join/oidc",
    summary: "Begins joining by single sign-on",
    access: LINK,
    object: NONE,
    body: OidcJoinBody,
    reply: OidcStartAnswer,
    handle: async ({ body, reply }) => {
      const started = await oidc.startJoin(body.issuer, body.token, toProof(body))
      flow.write(reply, started.flow)
      return { redirectTo: started.redirectTo }
    },
  })
}

/** Exactly one of the two is present, by the body's schema. */
function toProof({ key, oneTimeCode = "" }: { oneTimeCode?: string; key?: SignedChallenge }): LinkProof {
  return key === undefined ? { oneTimeCode } : { key }
}

function toAnswer({ enrolment, otpauthUri, expiresAt }: Enrolment): {
  enrolment: string
  otpauthUri: string
  expiresAt: string
} {
  return { enrolment, otpauthUri, expiresAt: expiresAt.toISOString() }
}
