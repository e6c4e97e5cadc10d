/**
 * Finds out who calls.
 * @module
 */
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
    return token === undefined ? undefined : signIn.sessions.authenticate(token)
  }
}
