/**
 * Passkeys to sign in with. What one signs is made here from the server's random bytes, so that a server cannot pass off
 * a document as them.
 * @module
 */
import type { PasskeyList, PasskeyMakeAnswer, PasskeyStartAnswer } from "@nightlight/contract/server"
import { queryOptions } from "@tanstack/react-query"
import { call, callOnce } from "../api/call.ts"
import type { Of } from "../api/of.ts"
import { CallError } from "../api/problem.ts"
import { askPasskey, makePasskey } from "./passkey.ts"

/** The caller's passkeys, oldest first. */
export const myPasskeysQuery = queryOptions({
  queryKey: ["passkeys"],
  queryFn: ({ signal }) => call<Of<typeof PasskeyList>>("GET", "/v1/me/passkeys", { signal }),
  staleTime: 60_000,
})

/**
 * Signs in, or proves the caller again.
 *
 * @throws {CallError} `passkey_...`, in words under `common.errors`; else the server's.
 */
export async function proveByPasskey<Answer>(path: "/v1/sign-in/passkey" | "/v1/step-up/passkey"): Promise<Answer> {
  const { signInChallenge } = await import("@nightlight/contract/custodian")
  const { nonce, rpId, credentialIds } = await callOnce<Of<typeof PasskeyStartAnswer>>("POST", `${path}/start`)
  if (path === "/v1/step-up/passkey" && credentialIds.length === 0) {
    throw new CallError("passkey_none", "there is no passkey of yours", 0)
  }
  const body = await askPasskey({ rpId, challenge: await signInChallenge(nonce), credentialIds })
  return callOnce<Answer>("POST", path, { body })
}

/**
 * Makes a passkey.
 *
 * @param name - What the person calls it.
 * @param account - What the authenticator calls it.
 * @throws {CallError} as {@link proveByPasskey}.
 */
export async function addPasskey(name: string, account: string): Promise<void> {
  const { fromBase64Url, signInChallenge } = await import("@nightlight/contract/custodian")
  const started = await call<Of<typeof PasskeyMakeAnswer>>("POST", "/v1/me/passkeys/start")
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
