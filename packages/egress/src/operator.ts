import { compact, RequestError } from "@nightlight/core"
import { type Dispatcher, Pool } from "undici"
import { assertPlainBody, contentTypeOf, dateOf, retryAfterOf } from "./answer.ts"
import { gather, limitedBody } from "./body.ts"
import { type Deadline, startDeadline } from "./deadline.ts"
import { failureOf, malformed } from "./failure.ts"
import { assertWholeNumber, EGRESS_LIMITS } from "./limits.ts"
import { assertPath, type EgressEntry, originOf } from "./operator-entry.ts"

/** Options of {@link createOperatorEgress}. */
export interface OperatorEgressOptions {
  /** PEM; they replace the system's. */
  readonly certificateAuthorities?: readonly string[]
  /** Most concurrent connections, 16 by default; further calls wait, within their time limit. */
  readonly connections?: number
}

/** The body of a request. */
export type OperatorBody =
  /** Any value that `JSON.stringify` accepts. */
  { readonly json: unknown } | { readonly bytes: Uint8Array; readonly contentType: string }

/** One request. */
export interface OperatorCall {
  readonly method: "GET" | "POST" | "PUT"
  /** Absolute, percent-encoded, with its query. */
  readonly path: string
  /** None by default. */
  readonly body?: OperatorBody
}

/** Headers and signal of one call. */
export interface CallOptions {
  /** Further headers, such as credentials. */
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** A service's answer with any status, except a redirect. */
export interface OperatorAnswer {
  readonly status: number
  readonly contentType: string | undefined
  /** Up to the entry's `maxBytes`. */
  readonly body: Uint8Array
  /** The service's time, where it states one. */
  readonly date?: Date
  /** Seconds that the service asks to wait, where it states them as a number or a date; at most a day. */
  readonly retryAfterSeconds?: number
}

/** Calls one service that the operator chose. */
export interface OperatorEgress {
  readonly entry: EgressEntry
  /**
   * Sends one request, and never repeats it.
   *
   * @throws {RequestError} `input_invalid`; `too_large` for the answer.
   * @throws {DependencyError} `unavailable`, `timed_out`, or `answer_malformed`, also for a redirect.
   */
  call(call: OperatorCall, options?: CallOptions): Promise<OperatorAnswer>
  /** {@link call} with the method POST. */
  post(path: string, body: OperatorBody, options?: CallOptions): Promise<OperatorAnswer>
  /** Aborts running calls and closes all connections. */
  close(): Promise<void>
}

/** Headers that the client sets itself; callers must not set them. */
const OWN_HEADERS =
  /^(?:accept-encoding|connection|content-length|content-type|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*)$/i

/**
 * Makes a client for one service that the operator configured.
 *
 * The operator chose the address, so it may be private. Connections stay open between calls. Redirects are never
 * followed, and credentials reach no other origin.
 *
 * @throws {RequestError} `input_invalid` if the entry is incomplete.
 */
export function createOperatorEgress(entry: EgressEntry, options: OperatorEgressOptions = {}): OperatorEgress {
  const { origin, host } = originOf(entry)
  const { certificateAuthorities, connections = 16 } = options
  assertWholeNumber("connections", connections, 1)
  const pool = new Pool(origin, {
    connections,
    connect: compact({
      rejectUnauthorized: true,
      timeout: EGRESS_LIMITS.connectTimeoutMs,
      ca: certificateAuthorities === undefined ? undefined : [...certificateAuthorities],
    }),
    maxHeaderSize: EGRESS_LIMITS.maxHeaderBytes,
    // The deadline's signal ends a request that takes too long.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
    useMilo: false,
  })
  const call: OperatorEgress["call"] = async ({ method, path, body }, { headers = {}, signal } = {}) => {
    assertPath(path, origin)
    const sent = { method, path, ...encode(body, headers) }
    using deadline = startDeadline(entry.timeoutMs, host, signal)
    try {
      const answer = await pool.request({ ...sent, signal: deadline.signal })
      answer.body.on("error", () => {})
      return await read(answer, entry, host, deadline)
    } catch (error) {
      throw failureOf(error, host, deadline.signal)
    }
  }
  return {
    entry,
    call,
    post: (path, body, more) => call({ method: "POST", path, body }, more),
    close: () => pool.destroy(),
  }
}

async function read(
  answer: Dispatcher.ResponseData,
  entry: EgressEntry,
  host: string,
  deadline: Deadline,
): Promise<OperatorAnswer> {
  const { statusCode: status, headers, body } = answer
  try {
    if (status >= 300 && status < 400) throw malformed("redirect", host)
    assertPlainBody(headers, entry.maxBytes, host)
    // A model may compute between head and body, so only the deadline limits the pace.
    const limits = { maxBytes: entry.maxBytes, minBytesPerSecond: 0, paceWindowMs: entry.timeoutMs }
    const date = dateOf(headers["date"])
    return {
      status,
      contentType: contentTypeOf(headers),
      body: await gather(limitedBody(body, limits, host, deadline)),
      ...compact({ date, retryAfterSeconds: retryAfterOf(headers["retry-after"], date) }),
    }
  } catch (error) {
    // Close the connection, so that the rest of this answer is not read as the next answer.
    body.destroy()
    throw error
  }
}

function encode(body: OperatorBody | undefined, given: Readonly<Record<string, string>>) {
  const names = Object.keys(given)
  const isOurs = names.some((name) => OWN_HEADERS.test(name))
  const isPlain = Object.entries(given).every(
    ([name, value]) => /^[\w-]+$/.test(name) && /^[\u0020-\u007e]*$/.test(value),
  )
  if (isOurs || !isPlain)
    throw new RequestError(
      "input_invalid",
      "a header is reserved for the client, or its name or value is not plain text",
    )
  const headers = { ...given, "accept-encoding": "identity" }
  if (body === undefined) return { headers }
  const contentType = "json" in body ? "application/json" : body.contentType
  if (!/^[\u0020-\u007e]+$/.test(contentType))
    throw new RequestError("input_invalid", "a content type must be plain text")
  return {
    headers: { ...headers, "content-type": contentType },
    body: "json" in body ? jsonOf(body.json) : body.bytes,
  }
}

function jsonOf(value: unknown): string {
  try {
    const text: unknown = JSON.stringify(value)
    if (typeof text === "string") return text
  } catch {
    // The system's message would quote the value.
  }
  throw new RequestError("input_invalid", "the request body cannot be written as JSON")
}
