/**
 * The guard's HTTP application: its own routes only, bodies as bytes, every error in the shape of the API that was
 * called.
 * @module
 */
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify"
import { ENDPOINTS, SERVED_ENDPOINTS } from "../endpoints/all.ts"
import type { Dialect } from "../endpoints/dialect.ts"
import { openai } from "../endpoints/openai/dialect.ts"
import { GuardRefusal } from "../errors.ts"
import type { EndpointName } from "../inspect/surface.ts"
import type { Running, Services } from "../running/running.ts"
import type { CallHeaders, OneValueHeaders } from "../upstream/headers.ts"
import { createBodyPlaces } from "./body-places.ts"
import { forwardCall, type RouteDeps, serveCall } from "./handlers.ts"
import { answerExpectations, answerParserError } from "./protocol-errors.ts"

/** Configuration, services and limits of the routes. */
export interface AppDeps {
  /** The configuration in force. */
  readonly current: () => Running
  readonly services: Services
  /** The headers for the upstream: some of the caller's, and the operator's own. */
  readonly upstreamHeaders: (headers: CallHeaders, dialect: Dialect) => OneValueHeaders
  readonly maxRequestBytes: number
  readonly bodyMs: number
}

/** Builds the application; it does not listen yet. */
export function buildApp({ current, services, upstreamHeaders, maxRequestBytes, bodyMs }: AppDeps): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: maxRequestBytes,
    requestIdHeader: false,
    requestTimeout: bodyMs,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    routerOptions: { maxParamLength: 256 },
    // Node would answer a call without a host itself, without a body.
    http: { requireHostHeader: false },
    clientErrorHandler: answerParserError,
    frameworkErrors: ({ code }, _request, reply) => sendError(reply, openai, routeRefusal(code)),
  })
  answerExpectations(app.server)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, _request, reply) => sendError(reply, openai, toRefusal(error)))
  // No endpoint was found, so the caller's dialect is not known.
  app.setNotFoundHandler((_request, reply) =>
    sendError(reply, openai, new GuardRefusal("unknown_url", "there is no such route")),
  )
  const deps: RouteDeps = { services, upstreamHeaders }
  const open = (name: EndpointName): Running => {
    const running = current()
    if (!running.setup.endpoints.has(name)) throw new GuardRefusal("unknown_url", "there is no such route")
    return running
  }
  const places = createBodyPlaces()
  const guarded = (dialect: Dialect, handle: (request: FastifyRequest, reply: FastifyReply) => Promise<void>) => ({
    errorHandler: (error: unknown, _request: FastifyRequest, reply: FastifyReply) =>
      sendError(reply, dialect, toRefusal(error)),
    onRequest: (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) =>
      done(faultOf(request) ?? places.take(request, reply, current(), dialect)),
    preParsing: places.count,
    handler: (request: FastifyRequest, reply: FastifyReply) => {
      // The handler answers errors of the call itself.
      handle(request, reply).catch((error: unknown) => sendError(reply, dialect, toRefusal(error)))
    },
  })
  for (const endpoint of ENDPOINTS) {
    app.route({
      method: endpoint.method,
      url: endpoint.route,
      ...guarded(endpoint.dialect, async (request, reply) =>
        forwardCall(endpoint, { running: open(endpoint.name), request, reply, deps }),
      ),
    })
  }
  for (const endpoint of SERVED_ENDPOINTS) {
    app.route({
      method: "POST",
      url: endpoint.route,
      ...guarded(endpoint.dialect, async (request, reply) =>
        serveCall(endpoint, { running: open(endpoint.name), request, reply, deps }),
      ),
    })
  }
  return app
}

/** Refuses what could be read in two ways: compressed bodies, a query, trailers. */
function faultOf({ headers, raw: { url, httpVersion } }: FastifyRequest): GuardRefusal | undefined {
  const encoding = headers["content-encoding"]
  if (encoding !== undefined && encoding !== "identity") {
    return new GuardRefusal("unsupported_media_type", "compressed bodies are not allowed")
  }
  if (headers.host === undefined && httpVersion === "1.1") {
    return new GuardRefusal("invalid_request", "a host header is missing")
  }
  if (headers.trailer !== undefined) return new GuardRefusal("invalid_body", "trailers are not allowed")
  return url?.includes("?") ? new GuardRefusal("unsupported_parameter", "a query string is not allowed") : undefined
}

/** A path that cannot be parsed, or that is longer than any route. */
function routeRefusal(code: string): GuardRefusal {
  if (code === "FST_ERR_BAD_URL") return new GuardRefusal("invalid_request", "the path cannot be read")
  return new GuardRefusal("unknown_url", "there is no such route")
}

/** Rewords Fastify's own errors, which may quote the call. */
function toRefusal(error: unknown): unknown {
  const { code, statusCode } = error as { readonly code?: unknown; readonly statusCode?: unknown }
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE" || statusCode === 413) {
    return new GuardRefusal("body_too_large", "the body is larger than allowed")
  }
  if (statusCode === 415) return new GuardRefusal("unsupported_media_type", "the body's type is not allowed")
  if (error instanceof GuardRefusal) return error
  return statusCode === 400 ? new GuardRefusal("invalid_body", "the request cannot be read") : error
}

/** Sends a refusal. */
function sendError(reply: FastifyReply, dialect: Dialect, error: unknown): void {
  const { status, headers, body } = dialect.renderError(error)
  reply.code(status).headers(headers).type("application/json").send(body)
}
