/**
 * Whether a classifier can speak: told from the first failure on, with its cause, until its next answer.
 * @module
 */
import { type Clock, compact, systemClock } from "@nightlight/core"
import type { CheckHealth } from "../check.ts"
import type { FailureCause } from "../failure-cause.ts"

/** Causes that the content of one call may have brought about: alone they do not say that the service is down. */
const BY_CONTENT: ReadonlySet<FailureCause> = new Set(["wrong_form", "too_many_pieces", "failed", "malformed"])

/** Follows one classifier. */
export class Health {
  readonly #clock: Clock
  readonly #probe: () => Promise<FailureCause | undefined>
  #answers = 0
  #failing: { cause: FailureCause; since: Date; isDown: boolean } | undefined
  #last: { cause: FailureCause; at: Date } | undefined
  #probing: Promise<boolean> | undefined

  /** @param probe - asks the service something harmless; says why it gave no answer of the form agreed. */
  constructor(probe: () => Promise<FailureCause | undefined>, clock: Clock = systemClock) {
    this.#probe = probe
    this.#clock = clock
  }

  /** How it is now. */
  get state(): CheckHealth {
    return compact({
      failing: this.#failing === undefined ? undefined : { ...this.#failing },
      last: this.#last === undefined ? undefined : { ...this.#last },
    })
  }

  answered(): void {
    this.#answers++
    this.#failing = undefined
  }

  /**
   * Notes a failure, and asks the service something harmless at once where this is the first: so what one caller's
   * content brought about does not stand for the service.
   *
   * @param isDown - whether the failure speaks of the service, whatever was asked.
   */
  failed(cause: FailureCause, isDown = !BY_CONTENT.has(cause)): void {
    const at = this.#clock.now()
    this.#last = { cause, at }
    const isFirst = this.#failing === undefined
    this.#failing = {
      // That it is left alone is no reason: what came before is.
      cause: cause === "left_alone" ? (this.#failing?.cause ?? cause) : cause,
      since: this.#failing?.since ?? at,
      isDown: isDown || this.#failing?.isDown === true,
    }
    if (isFirst && cause !== "too_many_pieces") void this.ask()
  }

  /** Asks the service something harmless; once at a time. @returns whether it works. Never rejects. */
  ask(): Promise<boolean> {
    this.#probing ??= this.#askOnce().finally(() => {
      this.#probing = undefined
    })
    return this.#probing
  }

  async #askOnce(): Promise<boolean> {
    const before = this.#answers
    const cause = await this.#probe()
    if (cause === undefined) this.answered()
    // Where it answered another question meanwhile, this one was asked before, and says nothing of now.
    else if (this.#answers === before) this.failed(cause, true)
    return this.#failing === undefined
  }
}
