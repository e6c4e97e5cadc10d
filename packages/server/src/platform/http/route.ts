/**
 * Routes: every one names its permission and its object check, or it is not registered.
 * @module
 */
import { compact, RequestError } from "@nightlight/core"
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify"
import type { z } from "zod"
import type { Actor, PersonActor } from "../auth/actor.ts"
import { can, type Permission } from "../auth/permissions.ts"
import type { OpenCall } from "./open-calls.ts"

/** Whether this caller may see this very object; `false` answers as if it were not there. */
export type ObjectCheck<Params> =
  | { readonly kind: "none"; readonly because: string }
  | { readonly kind: "check"; readonly allows: (actor: Actor, params: Params) => Promise<boolean> }

/** Who a route is open to. */
export type Access =
  /** Anybody: sign-in, set-up, health. */
  | { readonly kind: "public"; readonly because: string }
  /** Whoever holds the permission. */
  | { readonly kind: "permission"; readonly permission: Permission; readonly stepUp?: true }

/** What a handler is given, checked. */
export interface Call<Params, Query, Body, Access_> {
  readonly actor: Access_
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Of a route that {@link RouteSpec.streams}. */
  readonly open: OpenCall
}

/** One route. */
export interface RouteSpec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** Path below the origin, such as `/v1/cases/:caseId/claim`. */
  readonly url: string
  /** One sentence for the reference. */
  readonly summary: string
  readonly access: Access
  readonly object: ObjectCheck<z.output<P>>
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly reply: R
  /** Status of a success; 200 unless given. */
  readonly status?: number
  /** Largest body, bytes; 256 KiB unless given. */
  readonly bodyLimitBytes?: number
  /** Whether the handler reads the body in step, as it comes; not unless given. */
  readonly streams?: true
  /** Whether it is left out of the API's description; not unless given. */
  readonly isHidden?: true
  /** What the call does to the caller's session; `prolong` unless given. */
  readonly session?: SessionUse
  readonly handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>, Actor>) => Promise<z.input<R>>
}

/**
 * What a call does to the caller's session: it shows that somebody sits there (`prolong`), it is a page's own, made
 * whether anybody does or not (`read`), or it is not asked for at all (`ignore`).
 */
export type SessionUse = "prolong" | "read" | "ignore"

/** What a test reads to see that no route lacks its checks. */
export interface RegisteredRoute {
  readonly method: string
  readonly url: string
  readonly access: Access
  readonly object: "none" | "check"
}

declare module "fastify" {
  interface FastifyInstance {
    /** Every route that {@link addRoute} registered. */
    readonly nightlightRoutes: RegisteredRoute[]
  }
  interface FastifyContextConfig {
    /** Of a route: {@link RouteSpec.session}. */
    readonly session?: SessionUse
    /** Of a route: {@link RouteSpec.streams}. */
    readonly streams?: true
  }
  interface FastifyRequest {
    /** Who calls; `undefined` on a call without a valid session or key. */
    actor: Actor | undefined
  }
}

const BODY_LIMIT_BYTES = 256 * 1024

/** Registers a route with its checks in front. The only way routes are made. */
export function addRoute<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
  app: FastifyInstance,
  spec: RouteSpec<P, Q, B, R>,
): void {
  const { method, url, access, object } = spec
  app.nightlightRoutes.push({ method, url, access, object: object.kind })
  const status = spec.status ?? 200
  const route: RouteOptions = {
    method,
    url,
    bodyLimit: spec.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    config: compact({ session: spec.session, streams: spec.streams }),
    schema: compact({
      summary: spec.summary,
      hide: spec.isHidden === true ? true : undefined,
      params: spec.params,
      querystring: spec.query,
      body: spec.body,
      response: { [status]: spec.reply },
    }),
    // Before the body is read: a stranger's is not worth it, nor one of a caller who has too much under way.
    onRequest: async (request, reply) => {
      const { actor, headers } = request
      // A session that ended leaves nothing behind in the browser but what belongs to the person's own device.
      if (actor === undefined && access.kind !== "public" && headers.cookie !== undefined) clearSiteData(reply)
      assertAccess(actor, access)
      app.holdBody(request, reply)
    },
    handler: async (request, reply) => {
      await app.refreshActor(request, () => assertAccess(request.actor, access))
      const open = spec.streams && app.openCall(request, reply, () => assertAccess(request.actor, access))
      const actor = request.actor ?? NOBODY
      const params = request.params as z.output<P>
      if (object.kind === "check" && !(await object.allows(actor, params))) {
        throw new RequestError("not_found", "there is no such thing here")
      }
      const { query, body } = request as { query: z.output<Q>; body: z.output<B> }
      const answer = await spec.handle({ actor, params, query, body, request, reply, open: open ?? CLOSED })
      if (reply.sent) return reply
      return reply.code(status).send(answer)
    },
  }
  app.route(route)
}

/**
 * Has a browser forget what it kept of our pages. Its storage stays: a person's signing key lies there, which nothing
 * else holds; so do cookies, of which one tells that this browser is known. The session's own is ended by itself.
 */
export function clearSiteData(reply: FastifyReply): void {
  void reply.header("clear-site-data", '"cache"')
}

/** Of a call whose body is here whole. */
const CLOSED: OpenCall = { assertAllowed: async () => undefined, pieces: (body) => body }

const NOBODY: Actor = { kind: "system", id: "system-nobody" }

function assertAccess(actor: Actor | undefined, access: Access): void {
  if (access.kind === "public") return
  if (actor === undefined) throw new RequestError("unauthenticated", "sign in, or send a key")
  if (!can(actor, access.permission)) {
    throw new RequestError("forbidden", "this needs a permission that you do not hold", {
      details: { permission: access.permission },
    })
  }
  if (access.stepUp === true && (actor.kind !== "person" || actor.steppedUpUntil === undefined)) {
    throw new RequestError("step_up_required", "prove yourself again first: password and code, or single sign-on")
  }
}

/**
 * Narrows the caller to a person: keys never decide, look, approve or report.
 *
 * @throws {RequestError} `forbidden` if it is a key.
 */
export function personOf(actor: Actor): PersonActor {
  if (actor.kind === "person") return actor
  throw new RequestError("forbidden", "this action is a person's: a key never counts")
}
