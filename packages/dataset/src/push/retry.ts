/**
 * Retries with growing delays.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises"
import { DependencyError } from "@nightlight/core"

/** Number of calls, and the delay between them. */
export interface RetryOptions {
  /** Calls in total. */
  readonly tries: number
  /**
   * Milliseconds before the second call; doubled each time, with random spread so that many callers do not call
   * together.
   */
  readonly delayMs: number
}

/**
 * Repeats work while it fails with a {@link DependencyError}.
 *
 * @throws the last error; the reason of `signal`.
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
