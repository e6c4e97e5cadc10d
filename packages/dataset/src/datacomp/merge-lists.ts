/**
 * Merges the ids of a pool into the list of those that stay and the list of those that were withheld.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises"
import { compact } from "@nightlight/core"
import { NpyFile } from "./npy-file.ts"
import { PoolCursor } from "./pool-cursor.ts"
import { compareUids } from "./uid.ts"
import type { SortedUids } from "./uid-sorter.ts"

/** The ids of a pool's rows. */
export interface PoolUids {
  readonly kept: SortedUids
  readonly removed: SortedUids
  /** Ids that the user chose: only these stay, each as often as it was chosen. */
  readonly subset?: SortedUids
}

/** Absolute paths of the lists. */
export interface ListPlaces {
  readonly keep: string
  readonly removed: string
}

/** What became of a subset's ids. */
export interface SubsetCounts {
  readonly ids: number
  /** Of rows that were withheld. */
  readonly removed: number
  /** Of no row that was screened. */
  readonly unscreened: number
}

/** What the lists have. */
export interface MergedCounts {
  /** Ids in the list of those that stay. */
  readonly kept: number
  /** Ids in the list of those that were withheld. */
  readonly removed: number
  /** Rows that repeat another's id. It stays only if no row with it was withheld. */
  readonly repeated: number
  readonly subset?: SubsetCounts
}

const YIELD_UIDS = 2 ** 16

/** Lets other work run, such as the heartbeat of a lock. */
async function rest(signal: AbortSignal): Promise<void> {
  await nextTurn()
  signal.throwIfAborted()
}

/**
 * Writes both lists in ascending order. An id of the pool is in one of them at most.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function mergeLists(
  { kept, removed, subset }: PoolUids,
  places: ListPlaces,
  signal: AbortSignal,
): Promise<MergedCounts> {
  await using removedFile = await NpyFile.create(places.removed, 0o600)
  await using keptFile = await NpyFile.create(places.keep, 0o644)
  const pool = new PoolCursor(kept.cursor, removed.cursor)
  const chosen = subset?.cursor
  let isChosenLeft = chosen?.advance() ?? false
  let chosenRemoved = 0
  let unscreened = 0
  let distinct = 0
  let steps = 0
  while (pool.advance()) {
    distinct++
    if (++steps % YIELD_UIDS === 0) await rest(signal)
    while (!pool.passRepeated(YIELD_UIDS)) await rest(signal)
    if (pool.isRemoved) removedFile.add(pool)
    else if (chosen === undefined) keptFile.add(pool)
    while (isChosenLeft && chosen !== undefined) {
      const order = compareUids(chosen.words, chosen.at, pool.words, pool.at)
      if (order > 0) break
      if (order < 0) unscreened++
      else if (pool.isRemoved) chosenRemoved++
      else keptFile.add(chosen)
      if (keptFile.isFull) await keptFile.flush()
      isChosenLeft = chosen.advance()
      if (++steps % YIELD_UIDS === 0) await rest(signal)
    }
    if (removedFile.isFull) await removedFile.flush()
    if (keptFile.isFull) await keptFile.flush()
  }
  for (; isChosenLeft; isChosenLeft = chosen?.advance() ?? false) {
    unscreened++
    if (unscreened % YIELD_UIDS === 0) await rest(signal)
  }
  await removedFile.finish()
  await keptFile.finish()
  return compact({
    kept: keptFile.count,
    removed: removedFile.count,
    repeated: kept.count + removed.count - distinct,
    subset: subset === undefined ? undefined : { ids: subset.count, removed: chosenRemoved, unscreened },
  })
}
