/**
 * Single sign-on. An invitation binds a person to issuer and subject; an e-mail address never binds anything.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { z } from "zod"
import type { PersonActor, PersonId } from "../../../platform/auth/actor.ts"
import type { OidcProvider } from "../../../platform/config/providers.ts"
import { transact } from "../../../platform/events/transact.ts"
import type { Invitee } from "../../people/setup.ts"
import type { Joining, LinkProof, PersonLink } from "../joining/joining.ts"
import { lockProofs } from "../proofs.ts"
import type { Sessions } from "../sessions/sessions.ts"
import type { SignInDeps } from "../types.ts"
import { isWorkingHour } from "../working-hours.ts"
import { findIdentity } from "./identity-store.ts"
import { createOidcClient } from "./oidc-client.ts"

/** How long a browser may stay with the issuer. */
export const OIDC_MINUTES = 10

/** The page of the console that an issuer sends browsers back to; it posts its query string. */
export const OIDC_CALLBACK = "/sign-in/callback"

/** Where the browser goes, and what its cookie keeps until it comes back. */
export interface OidcStart {
  readonly redirectTo: string
  /** Sealed; bound to this browser by its cookie alone. */
  readonly flow: string
}

/** Result of a single sign-on. */
export type OidcOutcome =
  | { readonly purpose: "sign-in"; readonly personId: PersonId; readonly token: string }
  | { readonly purpose: "setup"; readonly personId: PersonId; readonly second: PersonLink | undefined }
  | { readonly purpose: "step-up" | "join"; readonly personId: PersonId }

/** Single sign-on. Every method throws {@link RequestError} `not_found` for an issuer that is not configured. */
export interface OidcSignIn {
  startSignIn(issuer: string): Promise<OidcStart>
  /** The issuer requires a new proof. */
  startStepUp(issuer: string, actor: PersonActor): Promise<OidcStart>
  /** Uses an invitation or a reset once the browser is back. Throws as {@link Joining.invited} does. */
  startJoin(issuer: string, token: string, proof: LinkProof): Promise<OidcStart>
  /** Uses a set-up link once the browser is back. Throws as {@link Joining.mayBegin} does. */
  startSetup(issuer: string, token: string, first: Invitee, second: Invitee): Promise<OidcStart>
  /**
   * Ends it with the query string that the issuer sent.
   *
   * @param flow - The cookie.
   * @throws {RequestError} `unauthenticated`, also for somebody who was never invited; `state_conflict` if the single
   *   sign-on belongs to somebody else, `not_found` if the invitation was used meanwhile.
   */
  finish(flow: string, query: string): Promise<OidcOutcome>
}

const Person = z.strictObject({ name: z.string(), email: z.string() })
const Proof = z.union([
  z.strictObject({ oneTimeCode: z.string() }),
  z.strictObject({ key: z.strictObject({ challenge: z.string(), signature: z.string() }) }),
])
const Flow = z.strictObject({
  issuer: z.string(),
  checks: z.strictObject({ state: z.string(), nonce: z.string(), verifier: z.string() }),
  startedAt: z.iso.datetime(),
  for: z.discriminatedUnion("purpose", [
    z.strictObject({ purpose: z.literal("sign-in") }),
    z.strictObject({ purpose: z.literal("step-up"), session: z.string(), personId: z.string() }),
    z.strictObject({ purpose: z.literal("join"), token: z.string(), proof: Proof }),
    z.strictObject({ purpose: z.literal("setup"), token: z.string(), first: Person, second: Person }),
  ]),
})
type Flow = z.infer<typeof Flow>

/** Clocks of two machines always differ a little. */
const SKEW_MS = 5000

/**
 * The state of a flow is a sealed cookie that counts for {@link OIDC_MINUTES} minutes. The database holds none of it.
 */
export function createOidcSignIn(
  deps: SignInDeps & { readonly sessions: Sessions; readonly joining: Joining },
): OidcSignIn {
  const { db, clock, people, alarms, sealer, origin, providers, sessions, joining, workingHours } = deps
  const client = createOidcClient(`${origin}${OIDC_CALLBACK}`)

  const providerOf = (issuer: string): OidcProvider => {
    const provider = providers.find(({ id }) => id === issuer)
    if (provider === undefined) throw new RequestError("not_found", "no such issuer is configured")
    return provider
  }
  const start = async (issuer: string, purpose: Flow["for"]): Promise<OidcStart> => {
    const { redirectTo, checks } = await client.begin(providerOf(issuer), purpose.purpose === "step-up")
    const flow: Flow = { issuer, checks, startedAt: clock.now().toISOString(), for: purpose }
    return { redirectTo, flow: sealer.seal("oidc", "flow", Buffer.from(JSON.stringify(flow))).toString("base64url") }
  }
  /** Locks the single sign-on until the session exists, so that a reset meanwhile ends this session too. */
  const assertBound = async (trx: typeof db, personId: string, identity: Identity): Promise<void> => {
    await lockProofs(trx, personId)
    if ((await findIdentity(trx, identity)) !== personId) throw notInvited()
  }
  const openFlow = (sealed: string): Flow => {
    let flow: Flow
    try {
      flow = Flow.parse(JSON.parse(sealer.open("oidc", "flow", Buffer.from(sealed, "base64url")).toString()))
    } catch {
      throw notStarted()
    }
    if (clock.now().getTime() - Date.parse(flow.startedAt) > OIDC_MINUTES * 60_000) throw notStarted()
    return flow
  }

  return {
    startSignIn: (issuer) => start(issuer, { purpose: "sign-in" }),
    startStepUp: (issuer, actor) => start(issuer, { purpose: "step-up", session: actor.session, personId: actor.id }),
    startJoin: async (issuer, token, proof) => {
      await joining.invited(token, proof)
      return start(issuer, { purpose: "join", token, proof })
    },
    startSetup: async (issuer, token, first, second) => {
      await joining.mayBegin(token, first, second)
      return start(issuer, { purpose: "setup", token, first, second })
    },
    finish: async (sealed, query) => {
      const flow = openFlow(sealed)
      const { purpose } = flow.for
      const fresh = purpose === "step-up"
      const identity = await client.finish(providerOf(flow.issuer), { query, checks: flow.checks, fresh })
      if (flow.for.purpose === "join") {
        const { token, proof } = flow.for
        return { purpose: "join", personId: await joining.bind(token, identity, proof) }
      }
      if (flow.for.purpose === "setup") {
        return { purpose: "setup", ...(await joining.setUpByOidc(flow.for.token, flow.for, identity)) }
      }
      const personId = await findIdentity(db, identity)
      if (personId === undefined || (await people.access(personId)) === undefined) {
        throw notInvited()
      }
      if (flow.for.purpose === "sign-in") {
        const { token } = await transact(deps, personId, async (tx) => {
          await assertBound(tx.trx, personId, identity)
          if (workingHours !== undefined && !isWorkingHour(clock.now(), workingHours)) {
            await alarms.raise(tx, { code: "sign-in-odd-hour", subject: personId })
          }
          return sessions.start(tx, personId, { method: "oidc", proved: false })
        })
        return { purpose: "sign-in", personId, token }
      }
      const { session } = flow.for
      const provedAt = identity.authenticatedAt?.getTime() ?? 0
      // An issuer that answered from an existing session proved nothing.
      if (provedAt < Math.floor(Date.parse(flow.startedAt) / 1000) * 1000 - SKEW_MS || personId !== flow.for.personId) {
        throw new RequestError("unauthenticated", "the issuer did not require a new proof of the same person")
      }
      await transact(deps, personId, (tx) => sessions.prove(tx, session, personId))
      return { purpose: "step-up", personId }
    },
  }
}

/** A sign-in as its issuer knows it. */
interface Identity {
  readonly issuer: string
  readonly subject: string
}

function notInvited(): RequestError {
  return new RequestError("unauthenticated", "this single sign-on was never invited here")
}

function notStarted(): RequestError {
  return new RequestError(
    "unauthenticated",
    "this sign-in was not started in this browser, or took too long: start again",
  )
}
