/**
 * A forwarded call from its first byte to its last: the request is checked and forwarded as inspected, then the answer
 * is checked.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Endpoint, RawRequest, ReadRequest } from "../endpoints/endpoint.ts"
import { GuardRefusal } from "../errors.ts"
import type { CheckItem } from "../inspect/inspectable.ts"
import type { Payload } from "../inspect/payload.ts"
import type { OneValueHeaders } from "../upstream/headers.ts"
import type { UpstreamAnswer } from "../upstream/ports.ts"
import { blocked, type Exchange, unavailable } from "./exchange.ts"
import { inspectAll, recordBlock } from "./inspect.ts"
import { toUpstreamError } from "./upstream-error.ts"

/** The answer to a forwarded call. */
export type Forwarded =
  | {
      readonly kind: "whole"
      readonly status: number
      readonly headers: OneValueHeaders
      readonly payload: Payload
      readonly withheld: boolean
    }
  | { readonly kind: "stream"; readonly headers: OneValueHeaders; readonly answer: UpstreamAnswer; readonly sent: Sent }

/** The request that was sent to the upstream. */
export interface Sent {
  readonly request: ReadRequest
  readonly payload: Payload
  /** Its inspected items: checks of the answer may need the question. */
  readonly items: readonly CheckItem[]
}

/** Names fields that were asked for and that no answer of this guard has. */
const LEFT_OUT_HEADER = "x-nightlight-left-out"

function leftOutHeader({ leftOut = [] }: ReadRequest): OneValueHeaders {
  return leftOut.length === 0 ? {} : { [LEFT_OUT_HEADER]: leftOut.join(", ") }
}

/**
 * Forwards a call.
 *
 * @param upstreamHeaders - `authorization` and the other headers for the upstream.
 * @throws {GuardRefusal}; the reason of the exchange's signal when the caller is gone.
 */
export async function forward(
  endpoint: Endpoint,
  raw: RawRequest,
  upstreamHeaders: OneValueHeaders,
  exchange: Exchange,
): Promise<Forwarded> {
  const request = endpoint.request(raw)
  if (request.choices > exchange.running.setup.limits.maxChoices) {
    throw new GuardRefusal("invalid_body", "the request asks for more choices than are allowed", "n")
  }
  const { outcome, items } = await inspectAll(request, exchange, "input")
  const payload = request.payload()
  if (outcome.action === "block") {
    await recordBlock(exchange, outcome, { direction: "input", model: request.model, items, request: payload })
    throw blocked(exchange)
  }
  if (outcome.action === "unavailable") throw unavailable(exchange)
  exchange.span.requested(request)
  const answer = await exchange.services.upstream.call(
    compact({
      method: endpoint.method,
      path: request.upstreamPath ?? endpoint.upstreamPath,
      payload: endpoint.method === "POST" ? payload : undefined,
      streamed: request.streamed,
      headers: upstreamHeaders,
      headersBack: endpoint.dialect.headersBack,
    }),
    exchange.signal,
  )
  if (answer.status >= 300) return toUpstreamError(answer, endpoint.dialect, exchange)
  const headers = { ...answer.headers, ...leftOutHeader(request) }
  if (request.streamed) {
    if (answer.contentType !== "text/event-stream" || endpoint.stream === undefined) {
      answer.cancel()
      throw new GuardRefusal("upstream_failed", "the upstream did not answer with a stream")
    }
    return { kind: "stream", headers, answer, sent: { request, payload, items } }
  }
  return takeWhole(endpoint, { ...answer, headers }, { request, payload, items }, exchange)
}

async function takeWhole(
  endpoint: Endpoint,
  answer: UpstreamAnswer,
  { request, payload, items: requestItems }: Sent,
  exchange: Exchange,
): Promise<Forwarded> {
  if (answer.contentType !== "application/json") {
    answer.cancel()
    throw new GuardRefusal("upstream_failed", "the upstream did not answer with JSON")
  }
  const read = endpoint.answer(await answer.bytes(exchange.running.setup.limits.maxAnswerBytes), request)
  exchange.services.metrics.dropped(endpoint.name, read.dropped)
  const { outcome, items } = await inspectAll(read, exchange, "output", { model: request.model, requestItems })
  const { headers } = answer
  if (outcome.action === "pass") {
    return { kind: "whole", status: answer.status, headers, payload: read.payload(), withheld: false }
  }
  if (outcome.action === "block") {
    await recordBlock(exchange, outcome, {
      direction: "output",
      model: request.model,
      items,
      request: payload,
      answer: read.payload(),
    })
  } else if (exchange.caller.trusted) throw unavailable(exchange)
  if (read.withheld === undefined) throw blocked(exchange)
  return { kind: "whole", status: 200, headers, payload: read.withheld(exchange.message), withheld: true }
}
