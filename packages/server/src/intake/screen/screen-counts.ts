/**
 * Counts screenings by decision and writes the counts to the log from time to time; published numbers come from there.
 * @module
 */
import type { Decision } from "@nightlight/core"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"

/** Counts screenings in memory until they are flushed. */
export interface ScreenCounts {
  /** @param isMatched - Whether a picture or hash was compared with a real list. */
  add(source: string, decision: Decision, isMatched: boolean): void
  /** Writes what was counted since the last time; counts that cannot be written stay for the next. */
  flush(): Promise<void>
}

const FLUSH_AFTER_MS = 60_000

/** Makes the counter. It writes when a minute has passed, with the next screening. */
export function createScreenCounts(deps: TransactDeps): ScreenCounts {
  let counts = new Map<string, Map<Decision, number>>()
  let matched = new Set<string>()
  let flushedAtMs = deps.clock.now().getTime()

  async function flush(): Promise<void> {
    const [written, writtenMatched] = [counts, matched]
    counts = new Map()
    matched = new Set()
    flushedAtMs = deps.clock.now().getTime()
    if (written.size === 0) return
    try {
      await transact(deps, "system-screen", async ({ record }) => {
        for (const [source, decisions] of written) {
          const data = { ...Object.fromEntries(decisions), matched: writtenMatched.has(source) }
          record({ type: "screens.counted", subject: source, data })
        }
      })
    } catch (error) {
      for (const [source, decisions] of written) {
        for (const [decision, count] of decisions) addTo(source, decision, count)
      }
      for (const source of writtenMatched) matched.add(source)
      throw error
    }
  }

  function addTo(source: string, decision: Decision, count: number): void {
    const decisions = counts.get(source) ?? new Map<Decision, number>()
    counts.set(source, decisions.set(decision, (decisions.get(decision) ?? 0) + count))
  }

  return {
    add: (source, decision, isMatched) => {
      addTo(source, decision, 1)
      if (isMatched) matched.add(source)
      if (Math.abs(deps.clock.now().getTime() - flushedAtMs) < FLUSH_AFTER_MS) return
      // A verdict does not wait for its count; a failure keeps the counts.
      flush().catch(() => undefined)
    },
    flush,
  }
}
