/**
 * Trying again.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises"
import { DependencyError } from "@nightlight/core"

/** How often, and after how long. */
export interface RetryOptions {
  /** Calls in all. */
  readonly tries: number
  /** Before the second call, milliseconds; doubled each time, and spread so that many callers do not come together. */
  readonly delayMs: number
}

/**
 * Does work again while it fails with a {@link DependencyError}.
 *
 * @throws what the work throws last; the reason of `signal`.
 */
export async function withRetries<Result>(
  work: () => Promise<Result>,
  { tries, delayMs }: RetryOptions,
  signal: AbortSignal,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (attempt >= tries || !(error instanceof DependencyError)) throw error
      await wait(delayMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2), undefined, { signal })
    }
  }
}
