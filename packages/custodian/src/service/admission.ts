/**
 * Checks before the custodian accepts its key: that its journal, enrolments and configuration are its own.
 * @module
 */

import type { CustodianDoubt } from "@nightlight/contract/custodian"
import type { JsonValue } from "@nightlight/core"
import { canonicalDigest } from "@nightlight/durable"
import type { AuditEvent } from "@nightlight/vault/audit"
import { type Book, type Journal, SELF } from "../journal/journal.ts"
import { deriveStateKeys } from "../keys/state-key.ts"
import type { People } from "../people/enrolments.ts"
import { refusal } from "../refusal.ts"

/** Knows which configuration was last accepted. */
export class ConfigBook implements Book {
  /** SHA-256 of its canonical JSON. */
  accepted: string | undefined

  apply({ type, data }: AuditEvent): void {
    if (type === "config.accepted") this.accepted = data["configSha256"] as string
  }
}

/** Accepts a key, or gives the reason why not. */
export interface Admission {
  /** The last reason; `undefined` after a key was accepted. */
  readonly doubt: CustodianDoubt | undefined
  /**
   * Checks everything with a key.
   *
   * @param acceptConfig - Whether somebody with the passphrase accepts a configuration that was changed.
   * @throws {IntegrityError} `audit_chain_broken`, `key_unusable` if somebody without the passphrase wrote the journal
   *   or the enrolments.
   * @throws {RequestError} `state_conflict` (`config-changed`; `journal-empty`: a journal is never empty after
   *   `initCustodian`).
   */
  admit(identities: readonly string[], acceptConfig: boolean): Promise<void>
}

/** Options of an admission. */
export interface AdmissionOptions {
  readonly journal: Journal
  readonly people: Pick<People, "admit">
  readonly book: ConfigBook
  /** The configuration as in its file. */
  readonly writtenConfig: JsonValue
}

/** Checks that enrolments and configuration are those last trusted; what is in doubt is journaled. */
export function createAdmission({ journal, people, book, writtenConfig }: AdmissionOptions): Admission {
  const configSha256 = canonicalDigest(writtenConfig)
  let doubt: CustodianDoubt | undefined

  /** Records what is in doubt in the journal, which accepts this without a key. */
  async function during<T>(part: CustodianDoubt, check: () => T | Promise<T>): Promise<T> {
    try {
      return await check()
    } catch (error) {
      doubt = part
      await journal.record("custodian.doubted", SELF, { part })
      throw error
    }
  }

  return {
    get doubt() {
      return doubt
    },
    async admit(identities, acceptConfig) {
      const keys = deriveStateKeys(identities)
      await during(book.accepted === undefined ? "journal" : "config", () => {
        if (book.accepted === configSha256 || acceptConfig) return
        if (book.accepted === undefined) {
          throw refusal("journal-empty", "the journal is empty: somebody deleted it")
        }
        throw refusal("config-changed", "custodian.yaml differs from the last accepted one")
      })
      await during("journal", () => journal.seal.open(keys))
      await during("enrolments", () => people.admit(keys)).catch((error: unknown) => {
        journal.seal.close()
        throw error
      })
      if (book.accepted !== configSha256) await journal.record("config.accepted", "host", { configSha256 })
      doubt = undefined
    },
  }
}
