/**
 * Calls of the Hugging Face Hub: with the token only to the Hub itself, tried again within limits, errors in our words.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises"
import { HubApiError } from "@huggingface/hub"
import { compact, DependencyError, MINUTE_MS, NightlightError, RequestError } from "@nightlight/core"
import { assertWebAddress } from "../web-address.ts"

/** The Hub, and who asks it. */
export interface Hub {
  /** Without a slash at its end. */
  readonly url: string
  readonly token: string | undefined
}

const DEFAULT_URL = "https://huggingface.co"
const CALL_TIMEOUT_MS = 2 * MINUTE_MS
const ATTEMPTS = 6
const FIRST_WAIT_MS = 250

/**
 * The Hub that the environment names: `HF_ENDPOINT`, and `HF_TOKEN` for private and gated repositories.
 *
 * @throws {RequestError} `input_invalid` if the endpoint is no URL; `unauthenticated` if the token is none.
 */
export function hubOfEnvironment(): Hub {
  const url = (process.env["HF_ENDPOINT"] ?? DEFAULT_URL).replace(/\/+$/, "")
  const token = process.env["HF_TOKEN"]
  assertWebAddress(url, "HF_ENDPOINT")
  if (token !== undefined && token !== "" && !token.startsWith("hf_")) throw refusedToken()
  return { url, token: token === "" ? undefined : token }
}

/** What every call of the client takes. */
export function accessOf({ url, token }: Hub, signal: AbortSignal, range?: ExpectedRange) {
  return compact({ hubUrl: url, accessToken: token, fetch: fetchFor(url, signal, range) })
}

/** The part of a file that an answer must hold. */
export interface ExpectedRange {
  readonly offset: number
  readonly length: number
  readonly sizeBytes: number
}

/** Sends the token nowhere else, and reads no more than the range that was asked for. */
function fetchFor(hubUrl: string, signal: AbortSignal, range: ExpectedRange | undefined): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const headers = new Headers(init?.headers)
    if (url.origin !== new URL(hubUrl).origin) headers.delete("authorization")
    // Also for a whole file: an answer to a range is never compressed, and says how long the file is.
    if (range !== undefined) headers.set("range", `bytes=${range.offset}-${range.offset + range.length - 1}`)
    const limits = AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)])
    const response = await fetch(url, { ...init, headers, signal: limits })
    if (range === undefined || !response.ok || isRange(response, range)) return response
    await response.body?.cancel()
    throw new DependencyError("source_changed", "the Hub sent another part of a file than it was asked for")
  }
}

function isRange({ status, headers }: Response, { offset, length, sizeBytes }: ExpectedRange): boolean {
  if (status === 206) return headers.get("content-range") === `bytes ${offset}-${offset + length - 1}/${sizeBytes}`
  return offset === 0 && length === sizeBytes && headers.get("content-length") === String(sizeBytes)
}

/**
 * Runs a call, again where the Hub is busy or the network fails.
 *
 * @param what - Named in the error of a status 404, such as `there is no such dataset`.
 * @throws {RequestError} `not_found`, `unauthenticated`, `forbidden`; {DependencyError} `unavailable`.
 */
export async function askHub<T>(what: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof NightlightError) throw error
      const status = error instanceof HubApiError ? error.statusCode : 0
      const mayPass = status === 0 || status === 429 || status >= 500
      if (!mayPass || attempt === ATTEMPTS) throw toHubError(status, what)
    }
    await wait(FIRST_WAIT_MS * 2 ** attempt * Math.random(), undefined, { signal })
  }
}

function toHubError(status: number, what: string): NightlightError {
  const details = { status }
  // The Hub answers 401 for what does not exist, so that nobody can find out what is private.
  if (status === 404 || (status === 401 && process.env["HF_TOKEN"] === undefined)) {
    return new RequestError("not_found", what, {
      details,
      hint: "A private or gated dataset needs a token that may read it: set HF_TOKEN.",
    })
  }
  if (status === 401) return refusedToken()
  if (status === 403) {
    return new RequestError("forbidden", "the token in HF_TOKEN may not read this dataset", {
      details,
      hint: "Of a gated dataset, accept its conditions on its page first.",
    })
  }
  return new DependencyError("unavailable", "the Hugging Face Hub does not answer, or asks for fewer calls", {
    details,
    hint: "Run the same command again later: it continues where it was.",
  })
}

function refusedToken(): RequestError {
  return new RequestError("unauthenticated", "the Hugging Face Hub does not accept the token in HF_TOKEN", {
    hint: "Set HF_TOKEN to a token of your account, which begins with hf_.",
  })
}
