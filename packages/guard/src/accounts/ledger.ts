import type { AgeBand } from "./caller.ts"
import { decayed, type LadderOptions } from "./ladder.ts"

/** The record of an account or a conversation, under its keyed digest. */
export interface Entry {
  heat: number
  /** When `heat` was computed, milliseconds since 1970. */
  heatAt: number
  ageBand: AgeBand
  /** Calls since `minuteAt`. */
  calls: number
  minuteAt: number
  /** Ids that were counted lately, so that none counts twice. */
  readonly counted: string[]
}

const MAX_COUNTED = 64
/** Entries examined at most to find a cold one. */
const MAX_EXAMINED = 64

/**
 * A bounded set of entries. When it is full, the least recently used entry goes; a hot one goes only where no cold one
 * is near.
 */
export class Ledger {
  readonly #entries = new Map<string, Entry>()
  readonly #maxEntries: number
  readonly #options: LadderOptions

  constructor(maxEntries: number, options: LadderOptions) {
    this.#maxEntries = maxEntries
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  /** Returns the entry, creating it where there is none. */
  use(digest: string, now: number): Entry {
    const entry = this.#entries.get(digest) ?? fresh(now)
    this.#entries.delete(digest)
    if (this.#entries.size >= this.#maxEntries) this.#drop(now)
    this.#entries.set(digest, entry)
    this.heatOf(entry, now)
    return entry
  }

  heatOf(entry: Entry, now: number): number {
    entry.heat = decayed(entry.heat, now - entry.heatAt, this.#options)
    entry.heatAt = now
    return entry.heat
  }

  /** Adds heat, once for each id. @returns whether it was new. */
  add(entry: Entry, id: string, weight: number, now: number): boolean {
    if (entry.counted.includes(id)) return false
    entry.counted.push(id)
    if (entry.counted.length > MAX_COUNTED) entry.counted.shift()
    entry.heat = this.heatOf(entry, now) + weight
    return true
  }

  /** Every entry worth keeping across a restart. */
  *all(): IterableIterator<readonly [string, Entry]> {
    for (const [digest, entry] of this.#entries) {
      if (entry.heat > 0 || entry.ageBand !== "unknown") yield [digest, entry]
    }
  }

  /** Restores a kept entry. */
  restore(digest: string, entry: Pick<Entry, "heat" | "heatAt" | "ageBand">): void {
    if (this.#entries.size < this.#maxEntries) this.#entries.set(digest, { ...fresh(entry.heatAt), ...entry })
  }

  #drop(now: number): void {
    let examined = 0
    let oldest: string | undefined
    for (const [digest, entry] of this.#entries) {
      oldest ??= digest
      if (decayed(entry.heat, now - entry.heatAt, this.#options) < this.#options.warnAt) {
        this.#entries.delete(digest)
        return
      }
      if (++examined >= MAX_EXAMINED) break
    }
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}

function fresh(now: number): Entry {
  return { heat: 0, heatAt: now, ageBand: "unknown", calls: 0, minuteAt: now, counted: [] }
}
