/**
 * Calls that match no route.
 * @module
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import type { Problem } from "./problems.ts"

/** Answers calls that match no route with {@link answerNotFound}. */
export function addNotFound(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => void answerNotFound(app, request, reply))
}

/** Answers 405 where the path is known under other methods, else 404; both as problem documents. */
export function answerNotFound(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split("?", 1)[0] ?? "/"
  const methods = app.nightlightRoutes.filter(({ url }) => patternOf(url).test(path)).map(({ method }) => method)
  const known = methods.length > 0
  if (known) reply.header("allow", [...new Set(methods)].join(", "))
  const problem: Problem = known
    ? { type: "input_invalid", title: "this path does not support that method", status: 405 }
    : { type: "not_found", title: "there is no such thing here", status: 404 }
  return reply.code(problem.status).type("application/problem+json").send(JSON.stringify(problem))
}

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/:[A-Za-z]+/g, "[^/]+")}$`)
}
