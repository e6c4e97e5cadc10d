/**
 * Counts what a shadow decides beside the active version, and writes the counts from time to time.
 * @module
 */
import type { ShadowCount } from "./shadow-runs.ts"

/** Sums up a shadow run's decisions in memory between two writes. */
export interface ShadowCounter {
  add(count: Omit<ShadowCount, "count">): void
  /** Writes what was counted since the last time; counts that cannot be written stay for the next. */
  flush(): Promise<void>
  /** Writes the last counts and stops counting. */
  close(): Promise<void>
}

const FLUSH_AFTER_MS = 5000

/** Makes a counter. It writes on its own a few seconds after a count; a process that is killed loses those. */
export function createShadowCounter(write: (counts: readonly ShadowCount[]) => Promise<void>): ShadowCounter {
  let counts = new Map<string, ShadowCount>()
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  const add = (added: ShadowCount): void => {
    const { shadowId, beside, surface, from, to, count } = added
    const key = [shadowId, beside, surface, from, to].join()
    counts.set(key, { ...added, count: (counts.get(key)?.count ?? 0) + count })
  }
  const flush = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const written = [...counts.values()]
    counts = new Map()
    if (written.length === 0) return
    try {
      await write(written)
    } catch (error) {
      for (const count of written) add(count)
      throw error
    }
  }
  return {
    add: (count) => {
      if (isClosed) return
      add({ ...count, count: 1 })
      // Neither a decision nor the end of a process waits for the count; a failure keeps the counts.
      timer ??= setTimeout(() => void flush().catch(() => undefined), FLUSH_AFTER_MS).unref()
    },
    flush,
    close: async () => {
      isClosed = true
      await flush().catch(() => undefined)
    },
  }
}
