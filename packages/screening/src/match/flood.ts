/**
 * Finds entries that match too many items: a wrong entry, or one of a widely reused picture.
 * @module
 */

import type { Match } from "@nightlight/core"
import { compact } from "@nightlight/core"

/** Number of distinct items in one run that an entry may match before a person must check the entry. */
export const FLOOD_LIMIT = 20

/** An entry that matched more distinct items of a run than {@link FLOOD_LIMIT}. */
export interface FloodingEntry {
  readonly list: string
  /** Ordinal of the entry in its snapshot, from 0. */
  readonly entry: number
  readonly snapshot: number
  /** The source's own id of the entry, where it has one. */
  readonly entryId?: string
}

/** Counts, over one run, how many distinct items each entry matched. Holds keyed digests only. */
export interface FloodWatch {
  /**
   * Counts one item's matches.
   *
   * @param itemDigest - keyed digest of the item's SHA-256: copies of one item count once.
   * @returns the entries that became flooding with this item.
   */
  record(itemDigest: string, matches: readonly Match[]): readonly FloodingEntry[]
  /** All flooding entries so far, by list and entry. Their matches still count; a person must check the entry. */
  flooding(): readonly FloodingEntry[]
}

/** Memory is bounded by {@link FLOOD_LIMIT} digests for each entry that matched. */
export function createFloodWatch(limit: number = FLOOD_LIMIT): FloodWatch {
  const itemsByEntry = new Map<string, Set<string>>()
  const flooding = new Map<string, FloodingEntry>()

  return {
    record(itemDigest, matches) {
      const started: FloodingEntry[] = []
      for (const match of matches) {
        const key = `${match.entry} ${match.snapshot} ${match.list}`
        if (flooding.has(key)) continue
        const items = itemsByEntry.get(key) ?? new Set()
        itemsByEntry.set(key, items.add(itemDigest))
        if (items.size <= limit) continue
        const { list, entry, snapshot, entryId } = match
        const found = compact({ list, entry, snapshot, entryId })
        flooding.set(key, found)
        itemsByEntry.delete(key)
        started.push(found)
      }
      return started
    },
    flooding: () =>
      [...flooding.values()].sort((a, b) => (a.list < b.list ? -1 : a.list > b.list ? 1 : a.entry - b.entry)),
  }
}
