/**
 * Turns of one process's callers at a lock: only the first asks for the lock's files, and the others wait in memory, in
 * the order in which they came. Each of them asking again and again would cost more than what the lock protects.
 * @module
 */
import { setTimeout as wait } from "node:timers/promises"

/** End of the last turn so far, by lock. */
const lastEnds = new Map<string, Promise<void>>()

/**
 * Waits for a turn.
 *
 * @param name - of the lock.
 * @returns ends the turn; undefined where it did not begin in time.
 */
export async function takeTurn(name: string, timeoutMs: number): Promise<(() => void) | undefined> {
  const before = lastEnds.get(name)
  const { promise: turn, resolve: end } = Promise.withResolvers<void>()
  const isEnded = before === undefined ? turn : before.then(() => turn)
  lastEnds.set(name, isEnded)
  void isEnded.then(() => {
    if (lastEnds.get(name) === isEnded) lastEnds.delete(name)
  })
  if (before === undefined || (await endsWithin(before, timeoutMs))) return end
  end()
  return undefined
}

async function endsWithin(turn: Promise<void>, timeoutMs: number): Promise<boolean> {
  const stop = new AbortController()
  const late = wait(timeoutMs, false, { signal: stop.signal }).catch(() => false)
  try {
    return await Promise.race([turn.then(() => true), late])
  } finally {
    stop.abort()
  }
}
