/**
 * Turns on the upstream's connections: further calls wait in order, no longer than is useful to their callers.
 * @module
 */
import { GuardRefusal } from "../errors.ts"

/** Gives turns. */
export interface ConnectionTurns {
  /** Calls that wait now. */
  readonly waiting: number
  /**
   * Waits for a turn.
   *
   * @returns a function that gives the turn back; calling it again does nothing.
   * @throws {GuardRefusal} `upstream_busy` when none came in time; the reason of `signal` when it aborts.
   */
  take(signal: AbortSignal): Promise<() => void>
}

interface Waiter {
  readonly begin: () => void
}

/**
 * Makes the turns.
 *
 * @param connections - Turns at once.
 * @param waitMs - Longest wait of a call, milliseconds.
 */
export function createConnectionTurns(connections: number, waitMs: number): ConnectionTurns {
  const queue = new Set<Waiter>()
  let taken = 0

  const giveBack = (): (() => void) => {
    let isGiven = false
    return () => {
      if (isGiven) return
      isGiven = true
      const [next] = queue
      if (next === undefined) taken--
      else next.begin()
    }
  }

  const wait = (signal: AbortSignal): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(waiter)
        clearTimeout(timer)
        signal.removeEventListener("abort", aborted)
      }
      const waiter: Waiter = {
        begin: () => {
          leave()
          resolve(giveBack())
        },
      }
      const aborted = () => {
        leave()
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        leave()
        reject(new GuardRefusal("upstream_busy", "every connection to the upstream is in use: try again later"))
      }, waitMs)
      signal.addEventListener("abort", aborted, { once: true })
      queue.add(waiter)
    })

  return {
    get waiting() {
      return queue.size
    },
    take: async (signal) => {
      signal.throwIfAborted()
      if (taken >= connections) return wait(signal)
      taken++
      return giveBack()
    },
  }
}
