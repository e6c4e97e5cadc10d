/**
 * Routes: each must name its permission and its object check, or it cannot be registered.
 * @module
 */
import { compact, RequestError } from "@nightlight/core"
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify"
import type { z } from "zod"
import type { Actor, PersonActor } from "../auth/actor.ts"
import { can, type Permission } from "../auth/permissions.ts"
import type { OpenCall } from "./open-calls.ts"

/** Whether this caller may see this very object; `false` answers as if it did not exist. */
export type ObjectCheck<Params> =
  | { readonly kind: "none"; readonly because: string }
  | { readonly kind: "check"; readonly allows: (actor: Actor, params: Params) => Promise<boolean> }

/** Who may call a route. */
export type Access =
  /** Anybody: sign-in, set-up, health. */
  | { readonly kind: "public"; readonly because: string }
  /** Everybody with the permission. */
  | { readonly kind: "permission"; readonly permission: Permission; readonly stepUp?: true }

/** Access with a permission; `step-up`: only within a few minutes of a fresh proof. */
export function needs(permission: Permission, proof?: "step-up"): Access {
  return { kind: "permission", permission, ...compact({ stepUp: proof === undefined ? undefined : (true as const) }) }
}

/** Checked input of a handler. */
export interface Call<Params, Query, Body, Access_> {
  readonly actor: Access_
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** For a route that {@link RouteSpec.streams}. */
  readonly open: OpenCall
}

/** A route with its schemas, permission and object check. */
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
  /** Status of a success; 200 by default. */
  readonly status?: number
  /** Largest body, bytes; 256 KiB by default. */
  readonly bodyLimitBytes?: number
  /** Whether the handler reads the body in step, as it arrives; `false` by default. */
  readonly streams?: true
  /** Whether it is left out of the API's description; `false` by default. */
  readonly isHidden?: true
  /** Effect of the call on the caller's session; `prolong` by default. */
  readonly session?: SessionUse
  readonly handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>, Actor>) => Promise<z.input<R>>
}

/**
 * Effect of a call on the caller's session: a person caused it (`prolong`), a page makes it on its own (`read`), or it
 * does not look up the session at all (`ignore`).
 */
export type SessionUse = "prolong" | "read" | "ignore"

/** A registered route, for the test that each has its checks. */
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
    /** The caller; `undefined` for a call without a valid session or key. */
    actor: Actor | undefined
  }
}

const BODY_LIMIT_BYTES = 256 * 1024

/** Registers a route with its checks. The only way to make a route. */
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
    // Before the body is read, since a stranger's body, or one of a caller with too many calls in progress, is not
    // worth it.
    onRequest: async (request, reply) => {
      const { actor, headers } = request
      // An ended session leaves nothing in the browser except what belongs to the person's own device.
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
 * Makes a browser delete cached pages. Its storage stays, since it holds the person's signing key, which is nowhere
 * else; so do cookies, one of which marks this browser as known. The session's own cookie is ended separately.
 */
export function clearSiteData(reply: FastifyReply): void {
  void reply.header("clear-site-data", '"cache"')
}

/** For a call whose body has arrived. */
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
    throw new RequestError(
      "step_up_required",
      "step up first: prove yourself again by password and code, or single sign-on",
    )
  }
}

/**
 * Narrows the caller to a person: keys never decide, view, approve or report.
 *
 * @throws {RequestError} `forbidden` if it is a key.
 */
export function personOf(actor: Actor): PersonActor {
  if (actor.kind === "person") return actor
  throw new RequestError("forbidden", "only a person can do this: a key does not count")
}
