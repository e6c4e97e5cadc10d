import { type Clock, DependencyError } from "@nightlight/core"

/** When a breaker opens, and for how long. */
export interface BreakerOptions {
  /** Consecutive failures that open it. */
  readonly failures: number
  /** Milliseconds after which one trial call is let through. */
  readonly openMs: number
}

/** `half_open`: the trial call is in progress and decides. */
export type BreakerState = "closed" | "open" | "half_open"

/** Spares a failing service further calls: while it is open, calls fail at once. */
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
   * @param isFailure - whether an error is the service's fault; a caller that gave up is not.
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
      // A call that began before the breaker opened may end during another call's trial.
      if (isTrial) this.#trying = false
    }
  }

  /** @returns whether this call is the trial. */
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
