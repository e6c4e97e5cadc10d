/**
 * Passkeys for signing in. The signed challenge is built here from the server's random bytes, so that a server cannot
 * have a document signed in its place.
 * @module
 */
import type { PasskeyList, PasskeyMakeAnswer, PasskeyStartAnswer } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call, callOnce } from "../api/call.ts"
import { CallError } from "../api/problem.ts"
import type { SchemaOutput } from "../api/schema-output.ts"
import { askPasskey, makePasskey } from "./passkey.ts"

/** The caller's passkeys, oldest first. */
export const myPasskeysQuery = queryOptions({
  queryKey: ["passkeys"],
  queryFn: ({ signal }) => call<SchemaOutput<typeof PasskeyList>>("GET", "/v1/me/passkeys", { signal }),
  staleTime: 60_000,
})

/**
 * Signs in or steps up with a passkey.
 *
 * @throws {CallError} `passkey_...`, in words under `common.errors`, or the server's error.
 */
export async function proveByPasskey<Answer>(path: "/v1/sign-in/passkey" | "/v1/step-up/passkey"): Promise<Answer> {
  const { signInChallenge } = await import("@nightlight/contract/custodian")
  const { nonce, rpId, credentialIds } = await callOnce<SchemaOutput<typeof PasskeyStartAnswer>>(
    "POST",
    `${path}/start`,
  )
  if (path === "/v1/step-up/passkey" && credentialIds.length === 0) {
    throw new CallError("passkey_none", "you have no passkey to sign in with", 0)
  }
  const body = await askPasskey({ rpId, challenge: await signInChallenge(nonce), credentialIds })
  return callOnce<Answer>("POST", path, { body })
}

/**
 * Makes a passkey for signing in and registers it.
 *
 * @param name - The person's name for it.
 * @param account - The account name that the authenticator shows.
 * @throws {CallError} like {@link proveByPasskey}.
 */
export async function addPasskey(name: string, account: string): Promise<void> {
  const { fromBase64Url, signInChallenge } = await import("@nightlight/contract/custodian")
  const started = await call<SchemaOutput<typeof PasskeyMakeAnswer>>("POST", "/v1/me/passkeys/start")
  const { authenticatorData, clientData } = await makePasskey({
    rpId: started.rpId,
    challenge: await signInChallenge(started.nonce),
    userId: fromBase64Url(started.userId),
    name: account,
    isDiscoverable: true,
    without: started.credentialIds,
  })
  await call("POST", "/v1/me/passkeys", { body: { name, authenticatorData, clientData } })
}
