/**
 * Bringing a signing key: made here, believed by the custodian for the code that was typed, kept by this browser alone.
 * @module
 */
import { call } from "../../api/call.ts"
import { meQuery } from "../../api/me.ts"
import { queryClient } from "../../app/query-client.ts"
import { keepPersonKey, readPersonKey } from "../../custody/key-store.ts"

/** Thrown where the browser would lose the key at once. */
export class NoStoreError extends Error {
  override name = "NoStoreError"
}

/** Kept beside a key, so that one which was replaced elsewhere is known for it. */
interface Marked {
  readonly enrolledAt?: string
}

/**
 * Makes a key and brings it.
 *
 * @throws {NoStoreError} before anything is made.
 * @throws {CallError} where the custodian refuses it.
 */
export async function bringKey(person: string, code: string): Promise<void> {
  const { createPersonKey, enrolmentProof } = await import("@nightlight/contract/custodian")
  await readPersonKey(person).catch(() => {
    throw new NoStoreError()
  })
  const key = await createPersonKey()
  const proof = await enrolmentProof(code, person, key.publicKey)
  await call("POST", "/v1/me/key", { body: { publicKey: key.publicKey, proof } })
  // The other one is good for nothing from here on, so this one is kept before anything else can fail.
  await keepPersonKey(person, key)
  const me = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 })
  const marked = { ...key, enrolledAt: me?.custodyKeyAt }
  await keepPersonKey(person, marked)
  await queryClient.invalidateQueries({ queryKey: ["person-key"] })
}

/** Whether the custodian has come to know another key of the person since this one was brought here. */
export function isReplaced(key: object, knownSince: string | undefined): boolean {
  const { enrolledAt } = key as Marked
  return enrolledAt !== undefined && enrolledAt !== knownSince
}
