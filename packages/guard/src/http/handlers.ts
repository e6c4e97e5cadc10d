/**
 * Turns an HTTP call into an exchange and its result into an answer.
 * @module
 */
import { compact } from "@nightlight/core"
import type { FastifyReply, FastifyRequest } from "fastify"
import type { ExchangeEnd } from "../admin/metrics.ts"
import { startExchangeSpan } from "../admin/telemetry.ts"
import type { Dialect } from "../endpoints/dialect.ts"
import type { Endpoint, RawRequest } from "../endpoints/endpoint.ts"
import type { ServedEndpoint } from "../endpoints/served.ts"
import { GuardRefusal, type RefusalCode } from "../errors.ts"
import { type Exchange, exchangeId, openExchange } from "../exchange/exchange.ts"
import { type Forwarded, forward } from "../exchange/forward.ts"
import { relay } from "../exchange/relay.ts"
import { serve } from "../exchange/serve.ts"
import type { Running, Services } from "../running/running.ts"
import { EventWriter, STREAM_HEADERS } from "../stream/event-writer.ts"
import type { CallHeaders, OneValueHeaders } from "../upstream/headers.ts"

/** Configuration and services of a route. */
export interface RouteDeps {
  readonly services: Services
  readonly upstreamHeaders: (headers: CallHeaders, dialect: Dialect) => OneValueHeaders
}

/** A call of a route, and the configuration in force when it began. */
export interface RouteCall {
  readonly running: Running
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly deps: RouteDeps
}

const NO_BODY = new Uint8Array(0)

/** Handles a call that is forwarded to the upstream. */
export async function forwardCall(endpoint: Endpoint, call: RouteCall): Promise<void> {
  const { request, reply, deps } = call
  await within(endpoint, call, async (exchange) => {
    const forwarded = await forward(
      endpoint,
      rawOf(request),
      deps.upstreamHeaders(request.headers, endpoint.dialect),
      exchange,
    )
    if (forwarded.kind === "stream") return sendStream(endpoint, forwarded, exchange, reply)
    reply.code(forwarded.status).headers(forwarded.headers).type(forwarded.payload.contentType)
    exchange.span.answered(forwarded.payload.bytes)
    reply.send(forwarded.payload.bytes)
    if (forwarded.status >= 500) return "upstream_failed"
    return forwarded.withheld ? "blocked_output" : "passed"
  })
}

/** Handles a call that the guard answers itself. */
export async function serveCall(endpoint: ServedEndpoint, call: RouteCall): Promise<void> {
  await within(endpoint, call, async (exchange) => {
    const payload = await serve(endpoint, rawOf(call.request), exchange)
    call.reply.code(200).type(payload.contentType).send(payload.bytes)
    return "passed"
  })
}

/** Runs an exchange: aborts it when the caller leaves, counts it, and answers its refusal. */
async function within(
  endpoint: Endpoint | ServedEndpoint,
  { running, request, reply, deps }: RouteCall,
  work: (exchange: Exchange) => Promise<ExchangeEnd>,
): Promise<void> {
  const { services } = deps
  const { metrics } = services
  const startedAt = performance.now()
  const gone = new AbortController()
  const onClose = () => {
    if (!reply.raw.writableFinished) gone.abort()
  }
  reply.raw.once("close", onClose)
  const id = exchangeId()
  reply.header("x-request-id", id)
  metrics.started(endpoint.name)
  const leave = running.countExchange()
  const span = startExchangeSpan(endpoint, id)
  let end: ExchangeEnd = "refused"
  try {
    const { headers } = request
    const opened = openExchange(id, { endpoint, headers, running, services, signal: gone.signal, span })
    end = await work(opened instanceof Promise ? await opened : opened)
  } catch (error) {
    end = gone.signal.aborted ? "gone" : endOf(error)
    const answer = endpoint.dialect.renderError(error)
    if (!reply.sent) reply.code(answer.status).headers(answer.headers).type("application/json").send(answer.body)
  } finally {
    reply.raw.off("close", onClose)
    leave()
    metrics.ended(endpoint.name, end, (performance.now() - startedAt) / 1000)
    span.ended(end)
  }
}

async function sendStream(
  endpoint: Endpoint,
  { answer, headers, sent }: Extract<Forwarded, { kind: "stream" }>,
  exchange: Exchange,
  reply: FastifyReply,
): Promise<ExchangeEnd> {
  reply.hijack()
  reply.raw.writeHead(200, { ...headers, ...STREAM_HEADERS, "x-request-id": exchange.id })
  const writer = new EventWriter(reply.raw, exchange.running.setup.holdBack.keepAliveMs)
  return relay(endpoint, answer, sent, exchange, writer)
}

function rawOf({ headers, body, params }: FastifyRequest): RawRequest {
  const header = headers["content-type"] ?? ""
  const { name } = (params ?? {}) as { readonly name?: string }
  return compact({
    name,
    contentType: (header.split(";", 1)[0] ?? "").trim().toLowerCase(),
    contentTypeHeader: header,
    bytes: body instanceof Uint8Array ? body : NO_BODY,
  })
}

const UPSTREAM_CODES: ReadonlySet<RefusalCode> = new Set(["upstream_busy", "upstream_failed", "upstream_timed_out"])

function endOf(error: unknown): ExchangeEnd {
  if (!(error instanceof GuardRefusal)) return "refused"
  if (error.code === "content_filter") return "blocked_input"
  if (error.code === "service_unavailable") return "unavailable"
  return UPSTREAM_CODES.has(error.code) ? "upstream_failed" : "refused"
}
