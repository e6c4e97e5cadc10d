import { createHmac, randomBytes } from "node:crypto"
import { type Clock, systemClock } from "@nightlight/core"

/** Limits of the remembered clean answers. */
export interface ClearedOptions {
  /** Largest number of remembered questions; 0 turns this off. */
  readonly entries: number
  /** Milliseconds, because a service may change behind the same name. */
  readonly lifetimeMs: number
  readonly clock?: Clock
}

/**
 * Remembers which questions a classifier answered with no signal, so that a growing conversation is asked about once.
 * In memory, for one check under one configuration: a reload begins with an empty one. It keeps digests under a key
 * that exists only here; never a text, and never an answer that found something.
 */
export class ClearedQuestions {
  readonly #key = randomBytes(32)
  readonly #options: ClearedOptions
  readonly #clock: Clock
  /** When each digest expires, least recently used first. */
  readonly #until = new Map<string, number>()

  constructor(options: ClearedOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  get size(): number {
    return this.#until.size
  }

  /** Digest of everything that is sent, and of nothing else. */
  digestOf(question: unknown): string {
    return createHmac("sha256", this.#key).update(JSON.stringify(question)).digest("base64url")
  }

  has(digest: string): boolean {
    const until = this.#until.get(digest)
    if (until === undefined) return false
    this.#until.delete(digest)
    if (until <= this.#clock.now().getTime()) return false
    this.#until.set(digest, until)
    return true
  }

  add(digest: string): void {
    const { entries, lifetimeMs } = this.#options
    if (entries === 0) return
    this.#until.delete(digest)
    this.#until.set(digest, this.#clock.now().getTime() + lifetimeMs)
    const [oldest] = this.#until.keys()
    if (this.#until.size > entries && oldest !== undefined) this.#until.delete(oldest)
  }
}
