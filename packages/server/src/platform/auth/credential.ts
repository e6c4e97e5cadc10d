/**
 * Reads the credential of a call.
 * @module
 */
import type { FastifyRequest } from "fastify"
import { sessionCookie } from "../http/cookies.ts"

const BEARER = /^Bearer ([\x21-\x7e]+)$/i

/** A token, before it is looked up. */
export interface Credential {
  readonly kind: "key" | "session"
  readonly token: string
}

/**
 * Makes the reader. A call with an `Authorization` header is a service's, whatever cookies it has; otherwise the
 * session cookie of the origin counts. Other calls have none.
 */
export function createCredentialReader(origin: string): (request: FastifyRequest) => Credential | undefined {
  const cookie = sessionCookie(origin)
  return (request) => {
    const { authorization } = request.headers
    const token = authorization === undefined ? cookie.read(request) : BEARER.exec(authorization)?.[1]
    if (token === undefined) return undefined
    return { kind: authorization === undefined ? "session" : "key", token }
  }
}
