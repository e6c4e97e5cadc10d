import { invalid } from "./signed-headers.ts"

/** Largest number of nonces remembered. */
const MAX_NONCES = 200_000
/** The first use and a client library's retries: six at most, as in widely used libraries. */
const MAX_USES = 7

/** Remembers the nonces that were used while their timestamps are fresh. */
export class Replays {
  readonly #used = new Map<string, { readonly signature: string; readonly until: number; uses: number }>()
  readonly #freshMs: number

  constructor(freshMs: number) {
    this.#freshMs = freshMs
  }

  /**
   * Records one use. The very same headers again count as a retry, a few times; the nonce in other headers is a replay.
   *
   * @throws {GuardRefusal} `end_user_invalid`; also while more nonces are fresh than can be remembered.
   */
  take(key: string, timestamp: number, signature: string, now: number): void {
    const at = timestamp * 1000
    if (Math.abs(now - at) > this.#freshMs) throw invalid()
    const known = this.#used.get(key)
    if (known !== undefined) {
      if (known.signature !== signature || ++known.uses > MAX_USES) throw invalid()
      return
    }
    if (this.#used.size >= MAX_NONCES) this.#forget(now)
    if (this.#used.size >= MAX_NONCES) throw invalid()
    this.#used.set(key, { signature, until: at + this.#freshMs, uses: 1 })
  }

  #forget(now: number): void {
    for (const [key, { until }] of this.#used) if (until < now) this.#used.delete(key)
  }
}
