/**
 * Enrols a signing key. It is made here, enrolled with the custodian by a one-time code, and stored only in this
 * browser.
 * @module
 */
import { call } from "../../api/call.ts"
import { meQuery } from "../../api/me.ts"
import { queryClient } from "../../app/query-client.ts"
import { keepPersonKey, readPersonKey } from "../../custody/key-store.ts"
import { makePasskey } from "../../custody/passkey.ts"

/** Thrown if the browser cannot store a key. */
export class NoStoreError extends Error {
  override name = "NoStoreError"
}

/** Stored with a key, to notice when another key replaced it. */
interface Marked {
  readonly enrolledAt?: string
}

/** The passkey to make along with the key. */
export interface WantedPasskey {
  readonly rpId: string
  /** The name that the authenticator shows. */
  readonly name: string
}

/**
 * Makes and enrols a key, and a passkey if `wanted`.
 *
 * @throws {NoStoreError} before anything is made, if the browser cannot store a key.
 * @throws {CallError} `passkey_...` if no passkey was made, or the custodian's refusal.
 */
export async function enrolKeyByCode(person: string, code: string, wanted?: WantedPasskey): Promise<void> {
  const { createPersonKey, enrolmentProof } = await import("@nightlight/contract/custodian")
  await readPersonKey(person).catch(() => {
    throw new NoStoreError()
  })
  const key = await createPersonKey()
  const passkey = wanted === undefined ? undefined : await makeSigningPasskey(wanted)
  const proof = await enrolmentProof(code, person, key.publicKey, passkey)
  await call("POST", "/v1/me/key", { body: { publicKey: key.publicKey, passkey, proof } })
  // The previous key is invalid from here on, so this one is stored before anything else can fail.
  await keepPersonKey(person, key)
  const me = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 })
  const marked = { ...key, enrolledAt: me?.custodyKeyAt }
  await keepPersonKey(person, marked)
  await queryClient.invalidateQueries({ queryKey: ["person-key"] })
}

/** Uses a random user id, so that it replaces no passkey for signing in. */
async function makeSigningPasskey({ rpId, name }: WantedPasskey) {
  const { credentialId, publicKey } = await makePasskey({
    rpId,
    name,
    challenge: crypto.getRandomValues(new Uint8Array(32)),
    userId: crypto.getRandomValues(new Uint8Array(32)),
    isDiscoverable: false,
  })
  return { credentialId, publicKey }
}

/** Whether the custodian has enrolled another key of the person since this one. */
export function isReplaced(key: object, knownSince: string | undefined): boolean {
  const { enrolledAt } = key as Marked
  return enrolledAt !== undefined && enrolledAt !== knownSince
}
