import { RequestError } from "@nightlight/core"
import { type Block, parseBlock } from "./address/block.ts"
import { assertPlainBody, contentTypeOf } from "./answer.ts"
import { gather, limitedBody } from "./body.ts"
import { checkAddresses, type LoopbackEndpoint, loopbackEndpoints } from "./check-addresses.ts"
import { type Deadline, startDeadline } from "./deadline.ts"
import { malformed } from "./failure.ts"
import { assertWholeNumber, type EgressLimits, egressLimits } from "./limits.ts"
import { refusal } from "./refusal.ts"
import { type Answer, request } from "./request.ts"
import { dnsResolver, type Resolver } from "./resolve.ts"
import { assertFetched, isRedirect, locationOf } from "./status.ts"
import { parseTarget, redirectTarget, type Target } from "./target.ts"

/** Options of {@link createEgress}. */
export interface EgressOptions {
  /** Limits for every call; {@link EGRESS_LIMITS} by default. */
  readonly limits?: Partial<EgressLimits>
  /** By default it queries the system's name servers. */
  readonly resolve?: Resolver
  /** 80 and 443 by default. */
  readonly allowedPorts?: readonly number[]
  /** Public ranges, as `address/bits`, to refuse as well: an organisation's own, its NAT64 prefix. */
  readonly alsoRefuse?: readonly string[]
  /** PEM; they replace the system's. */
  readonly certificateAuthorities?: readonly string[]
  /** Test servers on this machine that may be reached although they are not public. Loopback addresses only. */
  readonly allowLoopbackForTests?: readonly LoopbackEndpoint[]
}

/** Options of one fetch. */
export interface FetchOptions {
  /** Largest body in bytes; the egress's own limit also applies. */
  readonly maxBytes: number
  /** Time limit for the whole call in milliseconds; the egress's own limit also applies. */
  readonly timeoutMs: number
  /** Accepted media types, such as `image/png` or `image/*`; any by default. */
  readonly accept?: readonly string[]
  readonly signal?: AbortSignal
}

/** Facts about an answer. */
export interface FetchedHead {
  /** The media type that the host states, lower-case, without parameters. Not to be trusted. */
  readonly contentType: string | undefined
  /** URL after the last redirect. It is user content: do not log it. */
  readonly finalUrl: string
}

/** Fetches from addresses that content or a peer named. */
export interface Egress {
  /**
   * Fetches a whole body.
   *
   * @throws {RequestError} `address_refused`, `too_large`, `not_found` or `input_invalid`.
   * @throws {DependencyError} `unavailable`, `timed_out` or `answer_malformed`.
   */
  fetchBytes(url: string, options: FetchOptions): Promise<FetchedHead & { readonly bytes: Uint8Array }>
  /**
   * Fetches a body in chunks. Limits are enforced, and errors thrown, while it is read; the connection closes when the
   * iteration ends or at the deadline.
   */
  fetchStream(url: string, options: FetchOptions): Promise<FetchedHead & { readonly body: AsyncIterable<Uint8Array> }>
}

interface Context {
  readonly limits: EgressLimits
  readonly resolve: Resolver
  readonly allowedPorts: readonly number[]
  readonly alsoRefused: readonly Block[]
  readonly loopback: readonly LoopbackEndpoint[]
  readonly certificateAuthorities: readonly string[] | undefined
}

/**
 * Makes the only client for addresses that come from content or from a peer.
 *
 * Each host is looked up once, all its addresses must be public, and the connection goes to one of them; each redirect
 * is checked in the same way. It uses no cookies, credentials, proxies or environment variables.
 *
 * @throws {RequestError} `input_invalid`.
 */
export function createEgress(options: EgressOptions = {}): Egress {
  const context: Context = {
    limits: egressLimits(options.limits),
    resolve: options.resolve ?? dnsResolver(),
    allowedPorts: options.allowedPorts ?? [80, 443],
    alsoRefused: (options.alsoRefuse ?? []).map(parseBlock),
    loopback: loopbackEndpoints(options.allowLoopbackForTests ?? []),
    certificateAuthorities: options.certificateAuthorities,
  }
  const fetchStream: Egress["fetchStream"] = (url, fetchOptions) => fetchFrom(url, fetchOptions, context)
  return {
    fetchStream,
    fetchBytes: async (url, fetchOptions) => {
      const { body, ...head } = await fetchStream(url, fetchOptions)
      return { ...head, bytes: await gather(body) }
    },
  }
}

async function fetchFrom(url: string, options: FetchOptions, context: Context) {
  assertWholeNumber("maxBytes", options.maxBytes, 1)
  assertWholeNumber("timeoutMs", options.timeoutMs, 1)
  const accept = acceptOf(options.accept)
  const first = parseTarget(url)
  const limits = {
    ...context.limits,
    maxBytes: Math.min(options.maxBytes, context.limits.maxBytes),
    timeoutMs: Math.min(options.timeoutMs, context.limits.timeoutMs),
  }
  const deadline = startDeadline(limits.timeoutMs, first.host, options.signal)
  try {
    const { target, answer } = await follow(first, accept, { ...context, limits }, deadline.signal)
    try {
      const contentType = contentTypeOf(answer.headers)
      assertFetched(answer.status, target.host)
      assertPlainBody(answer.headers, limits.maxBytes, target.host)
      if (!isAccepted(contentType, options.accept)) throw malformed("content_type", target.host)
      return { contentType, finalUrl: target.href, body: bodyThenClose(answer, limits, target.host, deadline) }
    } catch (error) {
      await answer[Symbol.asyncDispose]()
      throw error
    }
  } catch (error) {
    deadline[Symbol.dispose]()
    throw error
  }
}

/** Sends the request and follows redirects until an answer is not a redirect. */
async function follow(
  first: Target,
  accept: string,
  context: Context,
  signal: AbortSignal,
): Promise<{ readonly target: Target; readonly answer: Answer }> {
  const { limits, certificateAuthorities } = context
  let target = first
  for (let redirects = 0; ; redirects++) {
    const addresses = await checkAddresses(target, context, signal)
    const answer = await request(target, addresses, { limits, accept, certificateAuthorities, signal })
    if (!isRedirect(answer.status)) return { target, answer }
    await answer[Symbol.asyncDispose]()
    if (redirects === limits.maxRedirects) throw refusal("redirects", target.host)
    target = redirectTarget(target, locationOf(answer.headers, target.host))
  }
}

async function* bodyThenClose(answer: Answer, limits: EgressLimits, host: string, deadline: Deadline) {
  try {
    yield* limitedBody(answer.body, limits, host, deadline)
  } finally {
    deadline[Symbol.dispose]()
    await answer[Symbol.asyncDispose]()
  }
}

function acceptOf(accept: readonly string[] | undefined): string {
  if (accept === undefined) return "*/*"
  if (accept.length > 0 && accept.every((type) => /^[a-z0-9!#$&^_.+-]+\/(?:\*|[a-z0-9!#$&^_.+-]+)$/.test(type))) {
    return accept.join(", ")
  }
  throw new RequestError("input_invalid", "accepted types must be media types in lower case")
}

function isAccepted(type: string | undefined, accept: readonly string[] | undefined): boolean {
  if (accept === undefined) return true
  if (type === undefined) return false
  return accept.some((wanted) => (wanted.endsWith("/*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted))
}
