/**
 * Sign-in and step-up by password and code.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { PersonActor } from "../../../platform/auth/actor.ts"
import { absentIfUntrusted } from "../../../platform/authority/sealed-rows.ts"
import { transact } from "../../../platform/events/transact.ts"
import * as store from "../credential-store.ts"
import type { Devices } from "../sessions/devices.ts"
import type { Sessions } from "../sessions/sessions.ts"
import { type SignInAttempt, type Throttle, TURN_SECONDS } from "../throttle/throttle.ts"
import type { Session, SignInDeps, SignInFrom } from "../types.ts"
import { isWorkingHour } from "../working-hours.ts"
import { assertGoodPassword, type Passwords } from "./password.ts"
import { newTotpSecret, stepOfCode } from "./totp.ts"

/** Password and code of a sign-in. */
export interface LocalProof {
  readonly password: string
  readonly code: string
}

/** Signs in local accounts by password and code. */
export interface LocalSignIn {
  /**
   * Signs in.
   *
   * @throws {RequestError} `unauthenticated`, the same and after the same work for an unknown account, a wrong
   *   password, a wrong code and one that was used before; `too_many_requests` with `retryAfterSeconds`.
   */
  signIn(
    email: string,
    proof: LocalProof,
    from: SignInFrom,
  ): Promise<{ readonly session: Session; readonly token: string; readonly device: string }>
  /**
   * The mark with which a browser that had to wait comes back: for which account, and since when. Keeps an earlier
   * mark.
   */
  turn(email: string, given: string | undefined): string
  /** Proves the person of a session again; only its own failures make it wait. Throws as {@link signIn} does. */
  stepUp(actor: PersonActor, proof: LocalProof): Promise<Session>
  /** Sets another password, after a step-up; the person's other sessions end. */
  changePassword(actor: PersonActor, password: string): Promise<void>
}

const NOBODY = "person-nobody"

interface LocalDeps extends SignInDeps {
  readonly keeper: Passwords
  readonly throttle: Throttle
  readonly sessions: Sessions
  readonly devices: Devices
}

/** Creates the sign-in, which does the same work for unknown accounts as for known ones. */
export function createLocalSignIn(deps: LocalDeps): LocalSignIn {
  const { db, clock, people, alarms, sealer, keeper, throttle, sessions, devices, workingHours } = deps
  /** Used where there is no account: a secret that no authenticator has. */
  const nobodysSecret = newTotpSecret()

  /**
   * Checks code and password. The code comes first: a wrong one costs next to nothing, so that a flood of guesses
   * delays nobody's password check. The work is the same whether or not there is an account.
   */
  const check = async (
    personId: string | undefined,
    { password, code }: LocalProof,
  ): Promise<store.CheckedProof | undefined> => {
    // Sealed each time, for a known account too: the key that sealed it may have been dropped since.
    const nobody = { personId: NOBODY, totp: sealer.seal("totp", NOBODY, nobodysSecret), password: undefined }
    const credential = (await absentIfUntrusted(store.findCredential(db, personId ?? NOBODY))) ?? nobody
    const step = stepOfCode(sealer.open("totp", credential.personId, credential.totp), code, clock.now())
    if (step === undefined) return undefined
    const isPassword = await keeper.verify(password, credential.password)
    return isPassword && credential.password !== undefined ? { step, password: credential.password } : undefined
  }
  /** Seconds since a browser was told to wait for this account; `undefined` if it was not. */
  const waitedSeconds = (email: string, turn: string | undefined): number | undefined => {
    if (turn === undefined) return undefined
    try {
      const since = Number(sealer.open("sign-in-turn", email, Buffer.from(turn, "base64url")).toString())
      const seconds = (clock.now().getTime() - since) / 1000
      return seconds < 0 || seconds >= TURN_SECONDS.last ? undefined : seconds
    } catch {
      return undefined
    }
  }
  const newTurn = (email: string): string =>
    sealer.seal("sign-in-turn", email, Buffer.from(String(clock.now().getTime()))).toString("base64url")
  const refuse = async (attempt: SignInAttempt, personId: string | undefined): Promise<never> => {
    await attempt.failed(personId)
    throw new RequestError("unauthenticated", "address, password and code do not match")
  }

  return {
    turn: (email, given) => (given !== undefined && waitedSeconds(email, given) !== undefined ? given : newTurn(email)),
    signIn: async (email, proof, { address, device, turn }) => {
      if (!deps.passwords) throw new RequestError("forbidden", "this installation signs in by single sign-on alone")
      const person = await absentIfUntrusted(people.findByEmail(email))
      const known = person === undefined || device === undefined ? undefined : devices.read(person.id, device)
      const waited = (waitedSeconds(email, turn) ?? 0) >= TURN_SECONDS.wait
      const attempt = await throttle.enter(email, known === undefined ? { address, waited } : { known })
      const checked = await check(person?.id, proof)
      if (person?.joinedAt === undefined || checked === undefined) return refuse(attempt, person?.id)
      const started = await transact(deps, person.id, async (tx) => {
        if (!(await store.acceptTotpStep(tx.trx, person.id, checked))) return undefined
        const now = clock.now()
        if (workingHours !== undefined && !isWorkingHour(now, workingHours)) {
          await alarms.raise(tx, { code: "sign-in-odd-hour", subject: person.id })
        }
        return sessions.start(tx, person.id, { method: "local", proved: true })
      })
      if (started === undefined) return refuse(attempt, person.id)
      await attempt.succeeded()
      return { ...started, device: devices.make(person.id) }
    },
    stepUp: async (actor, proof) => {
      const attempt = await throttle.enter(actor.id, { known: actor.session })
      const checked = await check(actor.id, proof)
      if (checked === undefined) return refuse(attempt, actor.id)
      const session = await transact(deps, actor.id, async (tx) => {
        if (!(await store.acceptTotpStep(tx.trx, actor.id, checked))) return undefined
        return sessions.prove(tx, actor.session, actor.id)
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
      await transact(deps, actor.id, async (tx) => {
        const proof = await store.updatePassword(tx.trx, actor.id, hash, clock.now())
        tx.record({ type: "credentials.password-changed", subject: actor.id, data: { proof } })
        await sessions.endAll(tx, actor.id, actor.session)
      })
    },
  }
}
