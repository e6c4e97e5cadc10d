/**
 * One call of the server, on its own origin. Nothing is kept: every answer is `no-store`.
 * @module
 */
import { compact } from "@nightlight/contract"
import { isAttended } from "./presence.ts"
import { CallError, toCallError } from "./problem.ts"

/** The contract's `BACKGROUND_HEADER`: a read that nobody's hand caused does not prolong the session. */
const BACKGROUND = "nightlight-background"

/** Query parameters; `undefined` is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** What a call sends. */
export interface CallOptions {
  readonly query?: Query
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** What a call may ask of a person before it goes on. */
export type Proof = "sign-in" | "step-up"

/** Set by the shell: shows the sign-in over the page, and resolves once the same person is back. */
let signInAgain: (() => Promise<void>) | undefined
/** Set by the shell: asks for password and code, and resolves once they were taken; rejects if the person declines. */
let proveAgain: (() => Promise<void>) | undefined

/** Tells how an ended session and a missing proof are mended; a call then goes on where it stood. */
export function onProofNeeded(ways: {
  readonly signIn: () => Promise<void>
  readonly stepUp: () => Promise<void>
}): void {
  signInAgain = ways.signIn
  proveAgain = ways.stepUp
}

/**
 * Calls the server. Where the session has ended or must be proven again, the person is asked and the call repeated.
 *
 * @throws {CallError} for everything that is no success.
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
 * Asks for password and code now: before the browser itself fetches what needs a fresh proof, such as a file to save.
 *
 * @throws {CallError} `step_up_required` if the person declines.
 */
export async function proveNow(): Promise<void> {
  if (proveAgain === undefined) throw new CallError("step_up_required", "prove yourself again first", 403)
  await proveAgain()
}

/** As {@link call}, without asking anybody for anything. */
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
