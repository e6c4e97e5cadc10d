import type { Readable } from "node:stream"
import { Client, type Dispatcher } from "undici"
import { pinnedConnector } from "./connect.ts"
import { failureOf } from "./failure.ts"
import type { EgressLimits } from "./limits.ts"
import type { Target } from "./target.ts"

/** Says nothing about who asks, and never changes. */
const USER_AGENT = "Mozilla/5.0 (compatible)"

/** One answer whose body was not read yet. */
export interface Answer extends AsyncDisposable {
  readonly status: number
  readonly headers: Dispatcher.ResponseData["headers"]
  readonly body: Readable
}

/** What one request needs besides where it goes. */
export interface RequestOptions {
  readonly limits: EgressLimits
  /** Value of the `accept` header. */
  readonly accept: string
  readonly certificateAuthorities: readonly string[] | undefined
  readonly signal: AbortSignal
}

/**
 * Asks one target once, at one of the addresses given, on a connection of its own. Follows nothing, carries nothing
 * but fixed headers. Dispose of the answer to close the connection.
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
    // The deadline's signal ends what takes too long.
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
    // Whoever iterates gets the error; before and after, it has no other owner.
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
