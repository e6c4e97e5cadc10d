/**
 * Counters of passkeys that were seen, from the journal alone.
 * @module
 */
import { DAY_MS } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Book } from "../journal/journal.ts"

/** One signature of a passkey. */
export interface PasskeyUse {
  readonly keyId: string
  /** Rises with each signature; 0 for an authenticator that does not count. */
  readonly counter: number
  readonly documentSha256: string
}

interface KnownUse extends PasskeyUse {
  readonly atMs: number
}

/** Longer than any document waits between its signature and its use: 7 days for a filing authorisation. */
const KEPT_MS = 8 * DAY_MS

/** Follows `passkey.used`. */
export class PasskeyBook implements Book {
  readonly #uses = new Map<string, readonly KnownUse[]>()

  apply({ type, at, data }: AuditEvent): void {
    if (type !== "passkey.used") return
    const { keyId, counter, documentSha256 } = data as unknown as PasskeyUse
    const use = { keyId, counter, documentSha256, atMs: Date.parse(at) }
    const uses = this.#uses.get(keyId) ?? []
    const highest = uses.reduce((top, known) => (known.counter > top.counter ? known : top), use)
    const kept = uses.filter((known) => known === highest || use.atMs - known.atMs <= KEPT_MS)
    this.#uses.set(keyId, [...kept, use])
  }

  /**
   * Whether a use cannot come from the authenticator that made the others: another document has its counter already, or
   * its counter is not above all that were seen before it was made. Uses come in another order than signatures: a
   * report's first signature may wait a day while its person signs others.
   *
   * @param madeAfterMs - Earliest time at which the signature can have been made, milliseconds since 1970.
   */
  contradicts({ keyId, counter, documentSha256 }: PasskeyUse, madeAfterMs: number): boolean {
    return (this.#uses.get(keyId) ?? []).some((known) => {
      if (known.documentSha256 === documentSha256 || (known.counter === 0 && counter === 0)) return false
      return known.counter === counter || (known.counter > counter && known.atMs < madeAfterMs)
    })
  }
}
