/**
 * All keys that were ever enrolled, including replaced and revoked ones: old signatures are checked with them.
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
   * Refuses keys that ever belonged to another person, who may still have the private half after a replacement.
   *
   * @throws {RequestError} `forbidden` (`key-taken`).
   */
  assertNobodyElses(person: string, keyIds: readonly string[]): void {
    if (this.#keys.some((known) => known.person !== person && keyIds.includes(known.keyId))) {
      throw refusal("key-taken", "this key belongs or belonged to somebody else", { person })
    }
  }

  /** In the order of their enrolment. */
  all(): EnrolledKeys["keys"] {
    return [...this.#keys]
  }
}
