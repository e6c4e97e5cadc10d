/** People of a demonstration, signed in over HTTP. */

import { setTimeout as wait } from "node:timers/promises"
import { TOTP } from "otpauth"
import { type CookieCalls, cookieCalls } from "./cookie-calls.ts"

/** A person as `up --demo --json` prints them. */
export interface DemoPerson {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: string
  readonly password: string
  readonly totpSecret: string
  readonly enrolmentCode?: string
}

const STEP_MS = 30_000
const used = new Map<string, number>()

/**
 * Gives a code that this process has not used. Each code works once, during its own step of 30 seconds, the step before
 * and the step after; if all three are used, this waits.
 */
export async function freshCode({ totpSecret }: Pick<DemoPerson, "totpSecret">): Promise<string> {
  for (;;) {
    const now = Math.floor(Date.now() / STEP_MS)
    const step = Math.max(now - 1, (used.get(totpSecret) ?? 0) + 1)
    if (step <= now + 1) {
      used.set(totpSecret, step)
      return new TOTP({ secret: totpSecret }).generate({ timestamp: step * STEP_MS })
    }
    await wait((step - 1) * STEP_MS - Date.now() + 100)
  }
}

/** Signs a person in. */
export async function signInTo(origin: string, person: DemoPerson): Promise<CookieCalls> {
  const calls = cookieCalls(origin)
  const { email, password } = person
  // The making of a demonstration also uses its administrators' codes.
  for (let tries = 0; ; tries++) {
    const { status, body } = await calls.call("POST", "/v1/sign-in", { email, password, code: await freshCode(person) })
    if (status < 300) return calls
    if (tries === 2) throw new Error(`${email} cannot sign in: ${status} ${JSON.stringify(body)}`)
  }
}
