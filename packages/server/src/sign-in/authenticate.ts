/**
 * Finds out who calls.
 * @module
 */
import { BACKGROUND_HEADER } from "@nightlight/contract/server"
import type { FastifyRequest } from "fastify"
import type { Authenticate } from "../feature.ts"
import type { Keys } from "../keys/service.ts"
import { sessionCookie } from "./cookies.ts"
import type { SignIn } from "./service.ts"

const BEARER = /^Bearer ([\x21-\x7e]+)$/i

/**
 * Makes the port of the HTTP application. A call with an `Authorization` header is a service's, whatever cookies it
 * has; else the session's cookie counts.
 */
export function createAuthenticate({ signIn, keys }: { readonly signIn: SignIn; readonly keys: Keys }): Authenticate {
  const cookie = sessionCookie(signIn.origin)
  return async (request) => {
    const { authorization } = request.headers
    if (authorization !== undefined) {
      const token = BEARER.exec(authorization)?.[1]
      return token === undefined ? undefined : keys.authenticate(token)
    }
    const token = cookie.read(request)
    return token === undefined ? undefined : signIn.sessions.authenticate(token, { prolong: isByPerson(request) })
  }
}

/**
 * Whether a call shows that somebody sits there. A page listens by itself, and what it reads because it was told of a
 * change it marks: neither keeps an idle session alive.
 */
function isByPerson({ method, headers, routeOptions }: FastifyRequest): boolean {
  if (routeOptions.config.session === "read") return false
  return !((method === "GET" || method === "HEAD") && headers[BACKGROUND_HEADER] !== undefined)
}
