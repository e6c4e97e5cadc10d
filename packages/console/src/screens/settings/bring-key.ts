/**
 * Bringing a signing key: made here, believed by the custodian for the code that was typed, kept by this browser alone.
 * @module
 */
import { call } from "../../api/call.ts"
import { meQuery } from "../../api/me.ts"
import { queryClient } from "../../app/query-client.ts"
import { keepPersonKey, readPersonKey } from "../../custody/key-store.ts"
import { makePasskey } from "../../custody/passkey.ts"

/** Thrown where the browser would lose the key at once. */
export class NoStoreError extends Error {
  override name = "NoStoreError"
}

/** Kept beside a key, so that one which was replaced elsewhere is known for it. */
interface Marked {
  readonly enrolledAt?: string
}

/** Which passkey is to be made beside the key. */
export interface WantedPasskey {
  readonly rpId: string
  /** What the authenticator calls it. */
  readonly name: string
}

/**
 * Makes a key, and a passkey where one is wanted, and brings them.
 *
 * @throws {NoStoreError} before anything is made.
 * @throws {CallError} `passkey_...` where none was made; else where the custodian refuses them.
 */
export async function bringKey(person: string, code: string, wanted?: WantedPasskey): Promise<void> {
  const { createPersonKey, enrolmentProof } = await import("@nightlight/contract/custodian")
  await readPersonKey(person).catch(() => {
    throw new NoStoreError()
  })
  const key = await createPersonKey()
  const made = wanted === undefined ? undefined : await makeSigningPasskey(wanted)
  const proof = await enrolmentProof(code, person, key.publicKey, made)
  const passkey = made === undefined ? {} : { passkey: made }
  await call("POST", "/v1/me/key", { body: { publicKey: key.publicKey, ...passkey, proof } })
  // The other one is good for nothing from here on, so this one is kept before anything else can fail.
  await keepPersonKey(person, key)
  const me = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 })
  const marked = { ...key, enrolledAt: me?.custodyKeyAt }
  await keepPersonKey(person, marked)
  await queryClient.invalidateQueries({ queryKey: ["person-key"] })
}

/** Its own random user id, so that none that signs in is replaced by it. */
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

/** Whether the custodian has come to know another key of the person since this one was brought here. */
export function isReplaced(key: object, knownSince: string | undefined): boolean {
  const { enrolledAt } = key as Marked
  return enrolledAt !== undefined && enrolledAt !== knownSince
}
