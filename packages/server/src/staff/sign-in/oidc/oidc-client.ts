/**
 * OpenID Connect with the configured issuers: authorization code flow with PKCE, state and nonce.
 * @module
 */
import { compact, DependencyError, RequestError } from "@nightlight/core"
import * as openid from "openid-client"
import type { OidcProvider } from "../../../platform/config/providers.ts"

/** State between the redirect to the issuer and the return. */
export interface OidcChecks {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** The person as the issuer knows them. */
export interface OidcIdentity {
  readonly issuer: string
  /** The issuer's own id of the person. E-mail addresses are ignored, because they prove nothing. */
  readonly subject: string
  /** When they last proved themselves to the issuer, if it says. */
  readonly authenticatedAt: Date | undefined
}

/** Authorization code flow with PKCE. It keeps no state: the caller keeps the checks of a flow. */
export interface OidcClient {
  /** Where the browser is sent. `fresh`: the issuer must require a new proof, whatever session it has. */
  begin(provider: OidcProvider, fresh: boolean): Promise<{ readonly redirectTo: string; readonly checks: OidcChecks }>
  /**
   * Redeems the code of the answer.
   *
   * @throws {RequestError} `unauthenticated` if the answer does not belong to these checks, or the issuer refused.
   * @throws {DependencyError} `unavailable` if the issuer does not answer.
   */
  finish(
    provider: OidcProvider,
    answer: { readonly query: string; readonly checks: OidcChecks; readonly fresh: boolean },
  ): Promise<OidcIdentity>
}

const TIMEOUT_SECONDS = 10
/** Longest time between a newly required proof and its redemption, seconds. */
const FRESH_SECONDS = 600

/**
 * Makes the client. An issuer is discovered at its first use, and again after a failure.
 *
 * @param redirectUri - The console's page that an issuer sends browsers back to.
 */
export function createOidcClient(redirectUri: string): OidcClient {
  const known = new Map<string, Promise<openid.Configuration>>()
  const discover = (provider: OidcProvider): Promise<openid.Configuration> => {
    const { id, issuer, clientId, clientSecret } = provider
    const found = known.get(id)
    if (found !== undefined) return found
    const url = new URL(issuer)
    const isPlain = url.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)
    const authentication = clientSecret === undefined ? openid.None() : openid.ClientSecretPost(clientSecret)
    const discovered = openid
      .discovery(url, clientId, undefined, authentication, {
        timeout: TIMEOUT_SECONDS,
        execute: isPlain ? [openid.allowInsecureRequests] : [],
      })
      .catch((error: unknown) => {
        known.delete(id)
        throw toOidcError(error)
      })
    known.set(id, discovered)
    return discovered
  }
  return {
    begin: async (provider, fresh) => {
      const configuration = await discover(provider)
      const checks = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
      }
      const url = openid.buildAuthorizationUrl(
        configuration,
        compact({
          redirect_uri: redirectUri,
          scope: "openid",
          state: checks.state,
          nonce: checks.nonce,
          code_challenge: await openid.calculatePKCECodeChallenge(checks.verifier),
          code_challenge_method: "S256",
          max_age: fresh ? "0" : undefined,
          prompt: fresh ? "login" : undefined,
        }),
      )
      return { redirectTo: url.href, checks }
    },
    finish: async (provider, { query, checks, fresh }) => {
      const configuration = await discover(provider)
      const tokens = await openid
        .authorizationCodeGrant(
          configuration,
          new URL(`?${query.replace(/^\?/, "")}`, redirectUri),
          compact({
            expectedState: checks.state,
            expectedNonce: checks.nonce,
            pkceCodeVerifier: checks.verifier,
            idTokenExpected: true,
            maxAge: fresh ? FRESH_SECONDS : undefined,
          }),
        )
        .catch((error: unknown) => {
          throw toOidcError(error)
        })
      const claims = tokens.claims()
      if (claims === undefined) throw refused()
      const { iss, sub, auth_time } = claims
      return {
        issuer: iss,
        subject: sub,
        authenticatedAt: auth_time === undefined ? undefined : new Date(auth_time * 1000),
      }
    },
  }
}

/** The library's errors quote the answer, so nothing of them is passed on. */
function toOidcError(error: unknown): Error {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
  const isNetwork = code === "OAUTH_TIMEOUT" || (name === "TypeError" && code === undefined)
  return isNetwork ? new DependencyError("unavailable", "the issuer does not answer") : refused()
}

function refused(): RequestError {
  return new RequestError("unauthenticated", "the issuer's answer was not accepted: start the sign-in again")
}
