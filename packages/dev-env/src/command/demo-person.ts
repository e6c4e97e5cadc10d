/**
 * Somebody of a demonstration, signed in over HTTP.
 */

import { setTimeout as wait } from "node:timers/promises"
import { compact } from "@nightlight/core"
import { TOTP } from "otpauth"

/** Somebody as `up --demo --json` names them. */
export interface DemoPerson {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: string
  readonly password: string
  readonly totpSecret: string
  readonly enrolmentCode?: string
}

/** Their calls. */
export interface DemoCalls {
  call(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly body: unknown }>
  /** As {@link DemoCalls.call}, failing unless it succeeds. */
  readonly must: <Body>(method: string, path: string, body?: object) => Promise<Body>
}

const STEP_MS = 30_000
const used = new Map<string, number>()

/**
 * A code that this process has not used: each is good once, for its own step of 30 seconds, the one before and the one
 * after. Waits where all three are used up.
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

/** Signs somebody in. */
export async function signInTo(origin: string, person: DemoPerson): Promise<DemoCalls> {
  const cookies = new Map<string, string>()
  const call: DemoCalls["call"] = async (method, path, body) => {
    const response = await fetch(
      `${origin}${path}`,
      compact({
        method,
        headers: compact({
          origin,
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
          "content-type": body === undefined ? undefined : "application/json",
        }),
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    )
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const text = await response.text()
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) }
  }
  const must: DemoCalls["must"] = async (method, path, body) => {
    const answer = await call(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body as never
  }
  const { email, password } = person
  // While a demonstration is made, its administrators use codes of their own.
  for (let tries = 0; ; tries++) {
    const { status, body } = await call("POST", "/v1/sign-in", { email, password, code: await freshCode(person) })
    if (status < 300) return { call, must }
    if (tries === 2) throw new Error(`${email} cannot sign in: ${status} ${JSON.stringify(body)}`)
  }
}
