/**
 * Signing in by password and code, and proving oneself again the same way.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { PersonActor } from "../auth/actor.ts"
import { change } from "../events/change.ts"
import * as store from "./credential-store.ts"
import { assertGoodPassword, type Passwords } from "./password.ts"
import type { Sessions } from "./sessions.ts"
import type { Throttle, Try } from "./throttle.ts"
import { stepOfCode } from "./totp.ts"
import type { Session, SignInDeps } from "./types.ts"
import { isWorkingHour } from "./working-hours.ts"

/** What somebody proves themselves with. */
export interface LocalProof {
  readonly password: string
  readonly code: string
  /** IP address that the call came from. */
  readonly address: string
}

/** Local accounts. */
export interface LocalSignIn {
  /**
   * Signs in.
   *
   * @throws {RequestError} `unauthenticated`, the same and after the same work for an unknown account, a wrong password,
   *   a wrong code and one that was used before; `too_many_requests` with `retryAfterSeconds`.
   */
  signIn(email: string, proof: LocalProof): Promise<{ readonly session: Session; readonly token: string }>
  /** Proves the person of a session again. Throws as {@link signIn} does. */
  stepUp(actor: PersonActor, proof: LocalProof): Promise<Session>
  /** Sets another password, after a step-up; the person's other sessions end. */
  changePassword(actor: PersonActor, password: string): Promise<void>
}

interface LocalDeps extends SignInDeps {
  readonly keeper: Passwords
  readonly throttle: Throttle
  readonly sessions: Sessions
}

/** Constructs the sign-in of local accounts. */
export function createLocalSignIn(deps: LocalDeps): LocalSignIn {
  const { db, clock, people, alarms, sealer, keeper, throttle, sessions, workingHours } = deps

  /** The step of a right code with a right password; the whole work is done whether or not there is an account. */
  const check = async (personId: string | undefined, { password, code }: LocalProof): Promise<number | undefined> => {
    const credential = personId === undefined ? undefined : await store.findCredential(db, personId)
    const isPassword = await keeper.verify(password, credential?.password)
    if (credential === undefined || !isPassword) return undefined
    return stepOfCode(sealer.open("totp", credential.personId, credential.totp), code, clock.now())
  }
  const refuse = async (attempt: Try, personId: string | undefined): Promise<never> => {
    await attempt.failed(personId)
    throw new RequestError("unauthenticated", "these do not belong together: address, password, code")
  }

  return {
    signIn: async (email, proof) => {
      if (!deps.passwords) throw new RequestError("forbidden", "this installation signs in by single sign-on alone")
      const attempt = await throttle.enter(email, proof.address)
      const person = await people.findByEmail(email)
      const step = await check(person?.id, proof)
      if (person?.joinedAt === undefined || step === undefined) return refuse(attempt, person?.id)
      const started = await change(deps, person.id, async (under) => {
        if (!(await store.takeStep(under.trx, person.id, step))) return undefined
        const now = clock.now()
        if (workingHours !== undefined && !isWorkingHour(now, workingHours)) {
          await alarms.raise(under, { code: "sign-in-odd-hour", subject: person.id })
        }
        return sessions.start(under, person.id, { method: "local", proved: true })
      })
      if (started === undefined) return refuse(attempt, person.id)
      await attempt.succeeded()
      return started
    },
    stepUp: async (actor, proof) => {
      const attempt = await throttle.enter(actor.id, proof.address)
      const step = await check(actor.id, proof)
      if (step === undefined) return refuse(attempt, actor.id)
      const session = await change(deps, actor.id, async (under) => {
        if (!(await store.takeStep(under.trx, actor.id, step))) return undefined
        return sessions.prove(under, actor.session, actor.id)
      })
      if (session === undefined) return refuse(attempt, actor.id)
      await attempt.succeeded()
      return session
    },
    changePassword: async (actor, password) => {
      assertGoodPassword(password, (await people.get(actor.id)).email)
      if ((await store.findCredential(db, actor.id)) === undefined) {
        throw new RequestError("state_conflict", "this person signs in by single sign-on and has no password")
      }
      const hash = await keeper.hash(password)
      await change(deps, actor.id, async (under) => {
        await store.updatePassword(under.trx, actor.id, hash, clock.now())
        under.record({ type: "credentials.password-changed", subject: actor.id })
        await sessions.endAll(under, actor.id, actor.session)
      })
    },
  }
}
