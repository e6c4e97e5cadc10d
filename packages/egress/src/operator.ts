import { compact, RequestError } from "@nightlight/core"
import { type Dispatcher, Pool } from "undici"
import { assertPlainBody, contentTypeOf } from "./answer.ts"
import { gather, limitedBody } from "./body.ts"
import { type Deadline, startDeadline } from "./deadline.ts"
import { failureOf, malformed } from "./failure.ts"
import { atLeast, EGRESS_LIMITS } from "./limits.ts"
import { assertPath, type EgressEntry, originOf } from "./operator-entry.ts"

/** Options of {@link createOperatorEgress}. */
export interface OperatorEgressOptions {
  /** PEM; instead of the system's. */
  readonly certificateAuthorities?: readonly string[]
  /** Most connections at once, 16 by default; further calls wait, within their time. */
  readonly connections?: number
}

/** What a call sends. */
export type OperatorBody =
  /** Anything `JSON.stringify` takes. */
  { readonly json: unknown } | { readonly bytes: Uint8Array; readonly contentType: string }

/** Options of one call. */
export interface PostOptions {
  /** Credentials and the like. */
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** What a service answered, whatever its status, except a redirect. */
export interface OperatorAnswer {
  readonly status: number
  readonly contentType: string | undefined
  /** Up to the entry's `maxBytes`. */
  readonly body: Uint8Array
}

/** Calls one service of the operator's choice. */
export interface OperatorEgress {
  readonly entry: EgressEntry
  /**
   * Sends one request; never twice.
   *
   * @param path - absolute, percent-encoded, with its query.
   * @throws {RequestError} `input_invalid`, or `too_large` if the answer is.
   * @throws {DependencyError} `unavailable`, `timed_out`, or `answer_malformed`, to which a redirect belongs.
   */
  post(path: string, body: OperatorBody, options?: PostOptions): Promise<OperatorAnswer>
  /** Ends calls under way and closes all connections. */
  close(): Promise<void>
}

/** What each request says itself; a caller's headers may not. */
const OWN_HEADERS =
  /^(?:accept-encoding|connection|content-length|content-type|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*)$/i

/**
 * Opens the way to one service that the operator configured, with its credentials.
 *
 * Its address is the operator's word, so it may be a private one. Connections stay open between calls. No redirect is
 * ever followed, and credentials reach no other origin.
 *
 * @throws {RequestError} `input_invalid` if the entry is not complete.
 */
export function createOperatorEgress(entry: EgressEntry, options: OperatorEgressOptions = {}): OperatorEgress {
  const { origin, host } = originOf(entry)
  const { certificateAuthorities, connections = 16 } = options
  atLeast("connections", connections, 1)
  const pool = new Pool(origin, {
    connections,
    connect: compact({
      rejectUnauthorized: true,
      timeout: EGRESS_LIMITS.connectTimeoutMs,
      ca: certificateAuthorities === undefined ? undefined : [...certificateAuthorities],
    }),
    maxHeaderSize: EGRESS_LIMITS.maxHeaderBytes,
    // The deadline's signal ends what takes too long.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
    useMilo: false,
  })
  return {
    entry,
    post: async (path, body, { headers = {}, signal } = {}) => {
      assertPath(path, origin)
      const sent = { method: "POST", path, ...encode(body, headers) } as const
      using deadline = startDeadline(entry.timeoutMs, host, signal)
      try {
        const answer = await pool.request({ ...sent, signal: deadline.signal })
        answer.body.on("error", () => {})
        return await read(answer, entry, host, deadline)
      } catch (error) {
        throw failureOf(error, host, deadline.signal)
      }
    },
    close: () => pool.destroy(),
  }
}

async function read(answer: Dispatcher.ResponseData, entry: EgressEntry, host: string, deadline: Deadline) {
  const { statusCode: status, headers, body } = answer
  try {
    if (status >= 300 && status < 400) throw malformed("redirect", host)
    assertPlainBody(headers, entry.maxBytes, host)
    // A model may think between head and body: the deadline alone bounds the pace.
    const limits = { maxBytes: entry.maxBytes, minBytesPerSecond: 0, paceWindowMs: entry.timeoutMs }
    return {
      status,
      contentType: contentTypeOf(headers),
      body: await gather(limitedBody(body, limits, host, deadline)),
    }
  } catch (error) {
    // What is left of this answer must not be read as the next one's: its connection goes.
    body.destroy()
    throw error
  }
}

function encode(body: OperatorBody, given: Readonly<Record<string, string>>) {
  const names = Object.keys(given)
  const isOurs = names.some((name) => OWN_HEADERS.test(name))
  const isPlain = Object.entries(given).every(
    ([name, value]) => /^[\w-]+$/.test(name) && /^[\u0020-\u007e]*$/.test(value),
  )
  if (isOurs || !isPlain)
    throw new RequestError("input_invalid", "a header's name is not a caller's, or its value not plain")
  const contentType = "json" in body ? "application/json" : body.contentType
  if (!/^[\u0020-\u007e]+$/.test(contentType)) throw new RequestError("input_invalid", "a content type is plain text")
  return {
    headers: { ...given, "content-type": contentType, "accept-encoding": "identity" },
    body: "json" in body ? jsonOf(body.json) : body.bytes,
  }
}

function jsonOf(value: unknown): string {
  try {
    const text: unknown = JSON.stringify(value)
    if (typeof text === "string") return text
  } catch {
    // Its message quotes the value.
  }
  throw new RequestError("input_invalid", "what is sent cannot be written as JSON")
}
