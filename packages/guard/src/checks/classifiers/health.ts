/**
 * Whether a classifier's service works: after a failure the cause is reported until the service next answers.
 * @module
 */
import { type Clock, compact, systemClock } from "@nightlight/core"
import type { CheckHealth } from "../check.ts"
import type { FailureCause } from "../failure-cause.ts"

/** Causes that the content of one call may produce: alone they do not show that the service is down. */
const BY_CONTENT: ReadonlySet<FailureCause> = new Set(["wrong_form", "too_many_pieces", "failed", "malformed"])

/** Follows the health of one classifier. */
export class Health {
  readonly #clock: Clock
  readonly #probe: () => Promise<FailureCause | undefined>
  #answers = 0
  #failing: { cause: FailureCause; since: Date; isDown: boolean } | undefined
  #last: { cause: FailureCause; at: Date } | undefined
  #probing: Promise<boolean> | undefined

  /** @param probe - asks the service something harmless; returns why it gave no answer of the agreed form. */
  constructor(probe: () => Promise<FailureCause | undefined>, clock: Clock = systemClock) {
    this.#probe = probe
    this.#clock = clock
  }

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
   * Records a failure. After the first one it asks the service something harmless at once, so that a failure caused by
   * one caller's content does not count as the service's.
   *
   * @param isDown - whether the failure is the service's, whatever was asked.
   */
  failed(cause: FailureCause, isDown = !BY_CONTENT.has(cause)): void {
    const at = this.#clock.now()
    this.#last = { cause, at }
    const isFirst = this.#failing === undefined
    this.#failing = {
      // An open breaker is not the reason; the failures before it are.
      cause: cause === "left_alone" ? (this.#failing?.cause ?? cause) : cause,
      since: this.#failing?.since ?? at,
      isDown: isDown || this.#failing?.isDown === true,
    }
    if (isFirst && cause !== "too_many_pieces") void this.ask()
  }

  /** Asks the service something harmless, once at a time. @returns whether it works. Never rejects. */
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
    // If the service answered another question meanwhile, this probe was asked earlier and says nothing about now.
    else if (this.#answers === before) this.failed(cause, true)
    return this.#failing === undefined
  }
}
