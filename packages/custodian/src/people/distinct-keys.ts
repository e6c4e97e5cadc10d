/**
 * Prevents one key from being enrolled under two names, which would let one person count as two.
 * @module
 */
import { keyIdOfPoint } from "@nightlight/vault/webauthn"
import { refusal } from "../refusal.ts"
import type { EnrolledPerson } from "./enrolment-file.ts"

/** Keys with which somebody may sign. */
export type PersonKeys = Pick<EnrolledPerson, "publicKey" | "passkey">

/** Ids of somebody's keys, including the passkey's: computed from the points themselves, in any notation. */
export function keyIdsOf({ publicKey, passkey }: PersonKeys): readonly string[] {
  return [publicKey, ...(passkey === undefined ? [] : [passkey.publicKey])].map(keyIdOfPoint)
}

/**
 * Refuses people if two of them have a key in common, kept or in a passkey.
 *
 * @throws {RequestError} `forbidden` (`key-taken`).
 */
export function assertDistinctKeys(people: readonly (PersonKeys & { readonly person: string })[]): void {
  const holders = new Map<string, string>()
  for (const { person, ...keys } of people) {
    for (const keyId of keyIdsOf(keys)) {
      const holder = holders.get(keyId) ?? person
      if (holder !== person) throw refusal("key-taken", "two people proved this with the same key", { person })
      holders.set(keyId, holder)
    }
  }
}
