/**
 * Sign-in and step-up by passkey, and management of one's passkeys. A challenge is bound to the browser that requested
 * it by a sealed cookie, and is valid once and for five minutes.
 * @module
 */
import { createHash } from "node:crypto"
import { type PasskeyAssertion, signInChallenge } from "@nightlight/contract/custodian"
import { RequestError } from "@nightlight/core"
import { checkAssertion, type RelyingParty, readRegistration } from "@nightlight/vault/webauthn"
import { z } from "zod"
import type { PersonActor } from "../../../platform/auth/actor.ts"
import { absentIfUntrusted } from "../../../platform/authority/sealed-rows.ts"
import { type EventTransaction, transact } from "../../../platform/events/transact.ts"
import { newToken, tokenDigest } from "../../../platform/secrets/tokens.ts"
import { findCredential } from "../credential-store.ts"
import { lockProofs } from "../proofs.ts"
import type { Devices } from "../sessions/devices.ts"
import type { Sessions } from "../sessions/sessions.ts"
import type { SignInAttempt, Throttle } from "../throttle/throttle.ts"
import type { Session, SignInDeps, SignInFrom } from "../types.ts"
import { isWorkingHour } from "../working-hours.ts"
import { passkeyId } from "./passkey-id.ts"
import * as store from "./store.ts"

/** How long a challenge is valid. */
export const CHALLENGE_MINUTES = 5
/** How many passkeys a person may have. */
const MAX_PASSKEYS = 10

/** A challenge for a browser to sign, and the value that its cookie keeps meanwhile. */
export interface PasskeyStart {
  readonly nonce: string
  readonly rpId: string
  readonly credentialIds: readonly string[]
  /** Sealed. */
  readonly flow: string
}

/** A passkey's answer with the cookie of its browser. */
export interface PasskeyAnswer {
  readonly flow: string | undefined
  readonly assertion: PasskeyAssertion
}

/** The browser's answer after a passkey was made. */
export interface MadePasskey {
  readonly flow: string | undefined
  readonly name: string
  /** Base64url. */
  readonly authenticatorData: string
  /** Base64url. */
  readonly clientData: string
}

/**
 * Passkeys. Every method that starts something throws {@link RequestError} `forbidden` where passkeys are impossible.
 */
export interface Passkeys {
  readonly party: RelyingParty | undefined
  startSignIn(): PasskeyStart
  /**
   * Signs in.
   *
   * @throws {RequestError} `unauthenticated`, the same for an unknown passkey, a wrong signature, a challenge that
   *   belongs to another browser, was used or has expired, and a counter that went back; `too_many_requests`.
   */
  signIn(
    answer: PasskeyAnswer,
    from: SignInFrom,
  ): Promise<{ readonly session: Session; readonly token: string; readonly device: string }>
  startStepUp(actor: PersonActor): Promise<PasskeyStart>
  /** Proves the person of a session again. Throws as {@link signIn} does. */
  stepUp(actor: PersonActor, answer: PasskeyAnswer): Promise<Session>
  /** @throws {RequestError} `state_conflict` for somebody who signs in by single sign-on, or has the maximum number. */
  startMaking(actor: PersonActor): Promise<PasskeyStart & { readonly userId: string }>
  /** @throws {RequestError} `input_invalid` with `details.fault`, `unauthenticated`, `state_conflict`. */
  finishMaking(actor: PersonActor, made: MadePasskey): Promise<void>
  list(actor: PersonActor): Promise<readonly store.Passkey[]>
  mayMake(actor: PersonActor): Promise<boolean>
  /** @throws {RequestError} `not_found`. */
  rename(actor: PersonActor, credentialId: string, name: string): Promise<void>
  /** @throws {RequestError} `not_found`. */
  remove(actor: PersonActor, credentialId: string): Promise<void>
  /** Removes every passkey of a person, in the caller's transaction. */
  removeAllIn(tx: EventTransaction, personId: string): Promise<void>
  sweep(before: Date): Promise<void>
}

const Flow = z.strictObject({
  purpose: z.enum(["sign-in", "step-up", "make"]),
  nonce: z.string(),
  startedAt: z.iso.datetime(),
  /** Session of a step-up or of adding a passkey. */
  session: z.string().exactOptional(),
})
type Flow = z.infer<typeof Flow>

interface PasskeyDeps extends SignInDeps {
  readonly throttle: Throttle
  readonly sessions: Sessions
  readonly devices: Devices
}

/** Ceremonies need password sign-in and an origin with a host name; otherwise they throw `forbidden`. */
export function createPasskeys(deps: PasskeyDeps): Passkeys {
  const { db, clock, people, alarms, sealer, digests, throttle, sessions, devices, workingHours } = deps
  const party = deps.passwords ? deps.party : undefined

  const usable = (): RelyingParty => {
    if (party !== undefined) return party
    throw new RequestError("forbidden", "this installation does not allow sign-in by passkey", {
      hint: "Passkeys need password sign-in, and an origin with a host name: https, or http://localhost.",
    })
  }
  const start = (purpose: Flow["purpose"], credentialIds: readonly string[], session?: string): PasskeyStart => {
    const { rpId } = usable()
    const nonce = newToken()
    const startedAt = clock.now().toISOString()
    const flow: Flow = session === undefined ? { purpose, nonce, startedAt } : { purpose, nonce, startedAt, session }
    const sealed = sealer.seal("passkey", "flow", Buffer.from(JSON.stringify(flow)))
    return { nonce, rpId, credentialIds, flow: sealed.toString("base64url") }
  }
  /** The nonce of this browser's ceremony for this purpose and session; `undefined` if there is none. */
  const nonceOf = (sealed: string | undefined, purpose: Flow["purpose"], session?: string): string | undefined => {
    if (sealed === undefined) return undefined
    try {
      const text = sealer.open("passkey", "flow", Buffer.from(sealed, "base64url")).toString()
      const flow = Flow.parse(JSON.parse(text))
      const ageMs = Math.abs(clock.now().getTime() - Date.parse(flow.startedAt))
      const isOwn = flow.purpose === purpose && flow.session === session && ageMs <= CHALLENGE_MINUTES * 60_000
      return isOwn ? flow.nonce : undefined
    } catch {
      return undefined
    }
  }
  /** The passkey with the counter of a valid signature over this nonce. */
  const check = async (
    passkey: store.Passkey | undefined,
    nonce: string | undefined,
    { authenticatorData, clientData, signature }: PasskeyAssertion,
  ): Promise<CheckedPasskey | undefined> => {
    if (passkey === undefined || nonce === undefined) return undefined
    const given = {
      authenticatorData: bytes(authenticatorData),
      clientData: bytes(clientData),
      signature: bytes(signature),
    }
    const rules = { party: usable(), challenge: await signInChallenge(nonce), publicKey: passkey.publicKey }
    const checked = checkAssertion(given, rules)
    return "fault" in checked ? undefined : { passkey, nonce, counter: checked.counter }
  }
  /** Uses up challenge and counter. `copied`: the counter went back. */
  const take = async (
    { trx }: EventTransaction,
    { passkey, nonce, counter }: CheckedPasskey,
  ): Promise<"accepted" | "used" | "copied"> => {
    const at = clock.now()
    await lockProofs(trx, passkey.personId)
    if (!(await store.takeChallenge(trx, tokenDigest(nonce), at))) return "used"
    // The passkey was removed or reset while its signature was on the way.
    if ((await store.findPasskey(trx, passkey.credentialId)) === undefined) return "used"
    return (await store.advanceCounter(trx, { credentialId: passkey.credentialId, counter, at }))
      ? "accepted"
      : "copied"
  }
  const refuse = async (attempt: SignInAttempt, personId: string | undefined): Promise<never> => {
    await attempt.failed(personId)
    throw new RequestError("unauthenticated", "this passkey did not sign in here")
  }
  const reportCopy = async (personId: string): Promise<void> => {
    await alarms.raiseNow({ code: "passkey-counter", subject: personId })
  }
  const find = (credentialId: string) => absentIfUntrusted(store.findPasskey(db, credentialId))
  const mayMake = async (actor: PersonActor): Promise<boolean> =>
    party !== undefined && (await absentIfUntrusted(findCredential(db, actor.id))) !== undefined

  return {
    party,
    startSignIn: () => start("sign-in", []),
    signIn: async ({ flow, assertion }, { address, device }) => {
      usable()
      const passkey = await find(assertion.credentialId)
      const known = passkey === undefined || device === undefined ? undefined : devices.read(passkey.personId, device)
      const account = passkey?.personId ?? "this passkey belongs to nobody"
      const attempt = await throttle.enter(account, known === undefined ? { address } : { known })
      const checked = await check(passkey, nonceOf(flow, "sign-in"), assertion)
      if (checked === undefined) return refuse(attempt, passkey?.personId)
      const { personId } = checked.passkey
      if ((await absentIfUntrusted(people.access(personId))) === undefined) return refuse(attempt, personId)
      let outcome: Awaited<ReturnType<typeof take>> = "used"
      const started = await transact(deps, personId, async (tx) => {
        outcome = await take(tx, checked)
        if (outcome !== "accepted") return undefined
        if (workingHours !== undefined && !isWorkingHour(clock.now(), workingHours)) {
          await alarms.raise(tx, { code: "sign-in-odd-hour", subject: personId })
        }
        return sessions.start(tx, personId, { method: "passkey", proved: true })
      })
      if (isCopied(outcome)) await reportCopy(personId)
      if (started === undefined) return refuse(attempt, personId)
      await attempt.succeeded()
      return { ...started, device: devices.make(personId) }
    },
    startStepUp: async (actor) => {
      const own = await store.listPasskeys(db, actor.id)
      return start(
        "step-up",
        own.map(({ credentialId }) => credentialId),
        actor.session,
      )
    },
    stepUp: async (actor, { flow, assertion }) => {
      const attempt = await throttle.enter(actor.id, { known: actor.session })
      const passkey = await find(assertion.credentialId)
      const own = passkey?.personId === actor.id ? passkey : undefined
      const checked = await check(own, nonceOf(flow, "step-up", actor.session), assertion)
      if (checked === undefined) return refuse(attempt, actor.id)
      let outcome: Awaited<ReturnType<typeof take>> = "used"
      const session = await transact(deps, actor.id, async (tx) => {
        outcome = await take(tx, checked)
        return outcome === "accepted" ? sessions.prove(tx, actor.session, actor.id) : undefined
      })
      if (isCopied(outcome)) await reportCopy(actor.id)
      if (session === undefined) return refuse(attempt, actor.id)
      await attempt.succeeded()
      return session
    },
    startMaking: async (actor) => {
      usable()
      if (!(await mayMake(actor))) {
        throw new RequestError("state_conflict", "this person signs in by single sign-on and cannot add a passkey here")
      }
      const own = await store.listPasskeys(db, actor.id)
      if (own.length >= MAX_PASSKEYS)
        throw new RequestError("state_conflict", "you have the maximum number of passkeys")
      const started = start(
        "make",
        own.map(({ credentialId }) => credentialId),
        actor.session,
      )
      return { ...started, userId: userIdOf(digests.of("passkey-user", actor.id)) }
    },
    finishMaking: async (actor, { flow, name, authenticatorData, clientData }) => {
      const nonce = nonceOf(flow, "make", actor.session)
      if (nonce === undefined)
        throw new RequestError("unauthenticated", "this was not started in this browser, or took too long")
      const read = readRegistration(
        { authenticatorData: bytes(authenticatorData), clientData: bytes(clientData) },
        { party: usable(), challenge: await signInChallenge(nonce) },
      )
      if ("fault" in read) {
        throw new RequestError("input_invalid", "this passkey was not made here", {
          details: { fault: read.fault },
        })
      }
      await transact(deps, actor.id, async ({ trx, record }) => {
        await lockProofs(trx, actor.id)
        // A reset that came meanwhile removed everything; nothing may be added after it.
        if ((await findCredential(trx, actor.id)) === undefined) {
          throw new RequestError("state_conflict", "this person's credentials were reset")
        }
        const now = clock.now()
        if (!(await store.takeChallenge(trx, tokenDigest(nonce), now))) {
          throw new RequestError("unauthenticated", "this was used before: start again")
        }
        if ((await store.listPasskeys(trx, actor.id)).length >= MAX_PASSKEYS) {
          throw new RequestError("state_conflict", "you have the maximum number of passkeys")
        }
        const { credentialId, publicKey, counter } = read
        const passkey = { credentialId, publicKey, counter, name, personId: actor.id, madeAt: now }
        if (!(await store.insertPasskey(trx, passkey))) {
          throw new RequestError("state_conflict", "this passkey was added already")
        }
        record({ type: "passkey.added", subject: actor.id, data: { passkey: passkeyId(credentialId) } })
      })
    },
    list: (actor) => store.listPasskeys(db, actor.id),
    mayMake,
    rename: async (actor, credentialId, name) => {
      await transact(deps, actor.id, async ({ trx, record }) => {
        if (!(await store.renamePasskey(trx, { credentialId, personId: actor.id, name }))) throw noneOfYours()
        record({ type: "passkey.renamed", subject: actor.id, data: { passkey: passkeyId(credentialId) } })
      })
    },
    remove: async (actor, credentialId) => {
      await transact(deps, actor.id, async ({ trx, record }) => {
        const removed = await store.deletePasskeys(trx, actor.id, credentialId)
        // A passkey that the log knows is removed in the log, even if its row is missing: it may come back.
        const isLive = removed.length > 0 || (await store.isLiveByLog(trx, actor.id, credentialId))
        if (!isLive) throw noneOfYours()
        record({ type: "passkey.removed", subject: actor.id, data: { passkey: passkeyId(credentialId) } })
      })
    },
    removeAllIn: async ({ trx, record }, personId) => {
      const removed = (await store.deletePasskeys(trx, personId)).map(passkeyId)
      // Includes those that only the log knows: their rows may come back.
      for (const passkey of new Set([...removed, ...(await store.listByLog(trx, personId))])) {
        record({ type: "passkey.removed", subject: personId, data: { passkey } })
      }
    },
    sweep: (before) => store.sweepChallenges(db, before),
  }
}

interface CheckedPasskey {
  readonly passkey: store.Passkey
  readonly nonce: string
  readonly counter: number
}

/** Compared in a function, because the outcome is set within a callback. */
function isCopied(outcome: "accepted" | "used" | "copied"): boolean {
  return outcome === "copied"
}

/** The user id that authenticators receive is a keyed digest, so that it identifies nobody elsewhere. */
function userIdOf(digest: string): string {
  return createHash("sha256").update(digest).digest("base64url")
}

function bytes(text: string): Buffer {
  return Buffer.from(text, "base64url")
}

function noneOfYours(): RequestError {
  return new RequestError("not_found", "you have no such passkey")
}
