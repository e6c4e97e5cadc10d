import type { Readable } from "node:stream"
import { Client, type Dispatcher } from "undici"
import { pinnedConnector } from "./connect.ts"
import { failureOf } from "./failure.ts"
import type { EgressLimits } from "./limits.ts"
import type { Target } from "./target.ts"

/** Constant, and does not identify the caller. */
const USER_AGENT = "Mozilla/5.0 (compatible)"

/** An answer whose body has not been read yet. */
export interface Answer extends AsyncDisposable {
  readonly status: number
  readonly headers: Dispatcher.ResponseData["headers"]
  readonly body: Readable
}

/** Options of one request. */
export interface RequestOptions {
  readonly limits: EgressLimits
  /** Value of the `accept` header. */
  readonly accept: string
  readonly certificateAuthorities: readonly string[] | undefined
  readonly signal: AbortSignal
}

/**
 * Sends one request to a target, at one of the given addresses, on its own connection. Follows no redirect and sends
 * only fixed headers. Dispose of the answer to close the connection.
 *
 * @throws {DependencyError} `unavailable`, `timed_out` or `answer_malformed`.
 */
export async function request(target: Target, addresses: readonly string[], options: RequestOptions): Promise<Answer> {
  const { limits, signal } = options
  const client = new Client(target.origin, {
    connect: pinnedConnector(target, addresses, {
      connectTimeoutMs: limits.connectTimeoutMs,
      certificateAuthorities: options.certificateAuthorities,
      signal,
    }),
    maxHeaderSize: limits.maxHeaderBytes,
    // The deadline's signal ends a request that takes too long.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
    useMilo: false,
  })
  try {
    const answer = await client.request({
      method: "GET",
      path: target.path,
      headers: { "user-agent": USER_AGENT, accept: options.accept, "accept-encoding": "identity" },
      reset: true,
      signal,
    })
    // An iterating reader gets the error; before and after the iteration nothing else handles it.
    answer.body.on("error", () => {})
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.body,
      [Symbol.asyncDispose]: () => client.destroy(),
    }
  } catch (error) {
    await client.destroy()
    throw failureOf(error, target.host, signal)
  }
}
