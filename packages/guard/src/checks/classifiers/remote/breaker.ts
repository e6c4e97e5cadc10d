import { type Clock, DependencyError } from "@nightlight/core"

/** When a breaker opens and for how long. */
export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number
  /** Milliseconds after which one call is let through to try. */
  readonly openMs: number
}

/** `half_open`: one call is under way, and decides. */
export type BreakerState = "closed" | "open" | "half_open"

/** Keeps calls from a service that fails: what it would not answer in time fails at once. */
export class Breaker {
  readonly #options: BreakerOptions
  readonly #clock: Clock
  #failures = 0
  #openedAt: number | undefined
  #trying = false

  constructor(options: BreakerOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  get state(): BreakerState {
    if (this.#openedAt === undefined) return "closed"
    return this.#trying ? "half_open" : "open"
  }

  /**
   * Runs one call.
   *
   * @param isFailure - whether what was thrown speaks of the service; a caller that gave up says nothing of it.
   * @throws {DependencyError} `unavailable` while it is open; else what the call throws.
   */
  async run<T>(call: () => Promise<T>, isFailure: (error: unknown) => boolean): Promise<T> {
    const isTrial = this.#enter()
    try {
      const result = await call()
      this.#failures = 0
      this.#openedAt = undefined
      return result
    } catch (error) {
      if (isFailure(error)) this.#failed()
      throw error
    } finally {
      // A call that began before the breaker opened ends while another one is the trial.
      if (isTrial) this.#trying = false
    }
  }

  /** @returns whether the call is the one that tries. */
  #enter(): boolean {
    if (this.#openedAt === undefined) return false
    const isOver = this.#clock.now().getTime() - this.#openedAt >= this.#options.openMs
    if (!isOver || this.#trying) {
      throw new DependencyError("unavailable", "a classifier is not called: its breaker is open", {
        details: { breaker: this.state, cause: "left_alone" },
      })
    }
    this.#trying = true
    return true
  }

  #failed(): void {
    this.#failures++
    if (this.#openedAt !== undefined || this.#failures >= this.#options.failures) {
      this.#openedAt = this.#clock.now().getTime()
    }
  }
}
