/**
 * Every key that was ever enrolled, those that were replaced or revoked included: what signatures of long ago are checked
 * by.
 * @module
 */
import type { EnrolledKeys } from "@nightlight/contract/custodian"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Book } from "../journal/journal.ts"
import { refusal } from "../refusal.ts"

/** Follows `enrolment.completed`. */
export class KeyBook implements Book {
  readonly #keys: EnrolledKeys["keys"] = []

  apply({ type, at, data }: AuditEvent): void {
    if (type !== "enrolment.completed") return
    const { person, keyId, passkey } = data
    for (const id of [keyId, passkey]) {
      if (typeof person === "string" && typeof id === "string") this.#keys.push({ person, keyId: id, enrolledAt: at })
    }
  }

  /**
   * Refuses keys that were ever another person's: whoever holds the other half still does when it was replaced.
   *
   * @throws {RequestError} `forbidden` (`key-taken`).
   */
  assertNobodyElses(person: string, keyIds: readonly string[]): void {
    if (this.#keys.some((known) => known.person !== person && keyIds.includes(known.keyId))) {
      throw refusal("key-taken", "this key is or was somebody else's", { person })
    }
  }

  /** In the order in which they came. */
  all(): EnrolledKeys["keys"] {
    return [...this.#keys]
  }
}
