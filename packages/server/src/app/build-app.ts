/**
 * The HTTP application: everything around the features' routes.
 * @module
 */
import { randomUUID } from "node:crypto"
import fastifyCookie from "@fastify/cookie"
import { type Clock, systemClock } from "@nightlight/core"
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify"
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod"
import type { Logger } from "pino"
import type { Metrics } from "../oversight/health/metrics.ts"
import type { RightsWatch } from "../platform/auth/rights-watch.ts"
import type { DiskSpace } from "../platform/db/disk-space.ts"
import type { Authenticate, Feature } from "../platform/feature.ts"
import { addCallerLimits, CALLER_LIMITS, type CallerLimits } from "../platform/http/caller-limits.ts"
import { addGuards, SAFE_METHODS } from "../platform/http/guards.ts"
import { addJsonBodies } from "../platform/http/json-bodies.ts"
import { addNotFound } from "../platform/http/not-found.ts"
import { addOpenCalls } from "../platform/http/open-calls.ts"
import { addOpenApi, openApiRoutes } from "../platform/http/openapi.ts"
import { problemHandler } from "../platform/http/problems.ts"

/** Dependencies of {@link buildApp}. */
export interface AppDeps {
  /** Such as `https://nightlight.example`; links are made with the first. */
  readonly origins: readonly string[]
  readonly log: Logger
  readonly authenticate: Authenticate
  readonly features: readonly Feature[]
  readonly metrics?: Metrics
  /**
   * Notices when the caller of an open connection loses the right to it; without it, rights are checked only between
   * the parts that are sent.
   */
  readonly rights?: RightsWatch
  /** Receives reports of full disks; while the database's disk is full, calls that would write are refused. */
  readonly disk?: Pick<DiskSpace, "note" | "assertRoom">
  readonly clock?: Clock
  /** How much one caller may request at once; {@link CALLER_LIMITS} by default. */
  readonly limits?: CallerLimits
  /** Proxies whose `X-Forwarded-For` is trusted; none by default. */
  readonly trustedProxies?: readonly string[]
}

const BODY_LIMIT_BYTES = 256 * 1024

/**
 * Builds the application without listening yet.
 *
 * Every route answers through zod schemas, and every error is a problem document. Fields that an answer's schema does
 * not name are not sent.
 */
export async function buildApp({ trustedProxies = [], ...deps }: AppDeps): Promise<FastifyInstance> {
  const {
    origins,
    log,
    authenticate,
    features,
    metrics,
    rights,
    disk,
    clock = systemClock,
    limits = CALLER_LIMITS,
  } = deps
  const app: FastifyInstance = fastify({
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    loggerInstance: log as FastifyBaseLogger,
    // Fastify's own log lines quote URLs; ours is written below.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request" }),
    genReqId: () => `request-${randomUUID()}`,
    requestIdHeader: false,
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: 128 },
    // A slow caller holds a socket and nothing more: a large sealed file may take its time, but a minute of silence
    // ends it.
    requestTimeout: 15 * 60_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 10_000,
    return503OnClosing: true,
    forceCloseConnections: "idle",
  })
  app.decorate("nightlightRoutes", [])
  app.decorateRequest("actor", undefined)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler((error, request, reply) => {
    disk?.note(error)
    problemHandler(error, request, reply)
  })
  app.removeAllContentTypeParsers()
  addJsonBodies(app)
  addNotFound(app)
  await app.register(fastifyCookie)
  addGuards(app, { origins })
  addCallerLimits(app, clock, { ...limits, origin: origins[0] ?? "" })
  addOpenCalls(app, authenticate, rights)
  app.addHook("onRequest", async (request) => {
    if (!SAFE_METHODS.has(request.method)) disk?.assertRoom()
    if (request.routeOptions.config.session === "ignore") return
    request.authenticatedAt = performance.now()
    request.actor = await authenticate(request)
  })
  app.addHook("onResponse", async (request, reply) => {
    const { method } = request
    const route = request.routeOptions.url ?? "none"
    const ms = Math.round(reply.elapsedTime)
    // The time that a connection stayed open for listening is not the time that an answer took.
    const isStream = reply.raw.getHeader("content-type") === "text/event-stream"
    if (!isStream) metrics?.request({ method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 })
    request.log.info({ method, route, status: reply.statusCode, ms, actor: request.actor?.id }, "request")
  })
  await addOpenApi(app)
  openApiRoutes(app)
  for (const { routes } of features) routes?.(app)
  return app
}
