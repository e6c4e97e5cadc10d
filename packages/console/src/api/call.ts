/**
 * HTTP calls to the server, on the page's own origin. Nothing is cached: every answer is `no-store`.
 * @module
 */
import { compact } from "@nightlight/contract"
import { isAttended } from "./presence.ts"
import { CallError, toCallError } from "./problem.ts"

/** The contract's `BACKGROUND_HEADER`: a background read does not extend the session. */
const BACKGROUND = "nightlight-background"

/** Query parameters; those that are `undefined` are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** Parts of a call besides its method and path. `body` is sent as JSON. */
export interface CallOptions {
  readonly query?: Query
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** Proof that the server may demand of a person before a call continues. */
export type Proof = "sign-in" | "step-up"

/** Set by the shell: shows the sign-in over the page, and resolves once the same person is back. */
let signInAgain: (() => Promise<void>) | undefined
/** Set by the shell: asks for password and code. Resolves once they are accepted, rejects if the person declines. */
let proveAgain: (() => Promise<void>) | undefined

/** Registers how an ended session and a missing step-up are resolved. A call that met one is then repeated. */
export function onProofNeeded(ways: {
  readonly signIn: () => Promise<void>
  readonly stepUp: () => Promise<void>
}): void {
  signInAgain = ways.signIn
  proveAgain = ways.stepUp
}

/**
 * Calls the server. If the session has ended or a step-up is required, asks the person and repeats the call once.
 *
 * @throws {CallError} for every answer other than success.
 */
export async function call<Answer>(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  try {
    return await callOnce<Answer>(method, path, options)
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    if (error.code === "unauthenticated" && signInAgain !== undefined) await signInAgain()
    else if (error.code === "step_up_required" && proveAgain !== undefined) await proveAgain()
    else throw error
    return await callOnce<Answer>(method, path, options)
  }
}

/**
 * Asks for password and code now. Needed before the browser itself fetches something behind a step-up, such as a
 * download.
 *
 * @throws {CallError} `step_up_required` if the person declines.
 */
export async function proveNow(): Promise<void> {
  if (proveAgain === undefined) throw new CallError("step_up_required", "prove your identity again first", 403)
  await proveAgain()
}

/**
 * Like {@link call}, but fails instead of asking the person. @throws {CallError} for every answer other than success.
 */
export async function callOnce<Answer>(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { query, body, signal } = options
  let response: Response
  try {
    response = await fetch(
      `${path}${queryString(query)}`,
      compact({
        method,
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        headers: compact({
          accept: "application/json",
          "content-type": body === undefined ? undefined : "application/json",
          [BACKGROUND]: method === "GET" && !isAttended() ? "1" : undefined,
        }),
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
      }),
    )
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error
    throw new CallError("offline", "no answer came", 0)
  }
  if (!response.ok) throw await toCallError(response)
  return response.status === 204 ? (undefined as Answer) : ((await response.json()) as Answer)
}

function queryString(query: Query = {}): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined)
  if (set.length === 0) return ""
  return `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString()}`
}
