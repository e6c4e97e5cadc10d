/**
 * One key in two names would be one hand that counts as two people.
 * @module
 */
import { refusal } from "../refusal.ts"
import type { EnrolledPerson } from "./enrolment-file.ts"
import { keyIdOfPoint } from "./p256.ts"

/** What somebody may sign with. */
export type PersonKeys = Pick<EnrolledPerson, "publicKey" | "passkey">

/** Ids of somebody's keys, the passkey's among them: of the points themselves, however they are written. */
export function keyIdsOf({ publicKey, passkey }: PersonKeys): readonly string[] {
  return [publicKey, ...(passkey === undefined ? [] : [passkey.publicKey])].map(keyIdOfPoint)
}

/**
 * Refuses people of whom two have a key in common, kept or in a passkey.
 *
 * @throws {RequestError} `forbidden` (`key-taken`).
 */
export function assertDistinctKeys(people: readonly (PersonKeys & { readonly person: string })[]): void {
  const holders = new Map<string, string>()
  for (const { person, ...keys } of people) {
    for (const keyId of keyIdsOf(keys)) {
      const holder = holders.get(keyId) ?? person
      if (holder !== person) throw refusal("key-taken", "two people prove this with one key", { person })
      holders.set(keyId, holder)
    }
  }
}
