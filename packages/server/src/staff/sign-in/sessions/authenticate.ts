/**
 * Finds out who is calling.
 * @module
 */
import { BACKGROUND_HEADER } from "@nightlight/contract/server"
import type { FastifyRequest } from "fastify"
import { createCredentialReader } from "../../../platform/auth/credential.ts"
import type { Authenticate } from "../../../platform/feature.ts"
import type { Keys } from "../../keys/service.ts"
import type { SignIn } from "../service.ts"

/** Creates the function that finds a call's caller, by key or session; `undefined` without a credential. */
export function createAuthenticate({ signIn, keys }: { readonly signIn: SignIn; readonly keys: Keys }): Authenticate {
  const readCredential = createCredentialReader(signIn.origin)
  return async (request) => {
    const credential = readCredential(request)
    if (credential === undefined) return undefined
    if (credential.kind === "key") return keys.authenticate(credential.token)
    return signIn.sessions.authenticate(credential.token, { prolong: isByPerson(request) })
  }
}

/**
 * Whether a person caused a call. A page listens on its own, and marks what it reads because of a change that it was
 * told of: neither keeps an idle session alive.
 */
function isByPerson({ method, headers, routeOptions }: FastifyRequest): boolean {
  if (routeOptions.config.session === "read") return false
  return !((method === "GET" || method === "HEAD") && headers[BACKGROUND_HEADER] !== undefined)
}
