/**
 * Distributes shards over the tasks of an array.
 * @module
 */

/** A shard to be assigned. */
export interface WeighedShard {
  readonly path: string
  readonly sizeBytes: number
}

/**
 * Assigns every shard to one of `world` ranks: the largest first, each to the rank with the fewest bytes so far, the
 * lowest rank among equals. The same shards give the same assignment.
 *
 * @param world - How many ranks, at least 1.
 * @returns the rank of each shard, in the order given.
 */
export function assignRanks(shards: readonly WeighedShard[], world: number): readonly number[] {
  const order = shards
    .map((shard, index) => ({ ...shard, index }))
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes || (a.path < b.path ? -1 : 1))
  const ranks = new LeastLoaded(world)
  const assigned: number[] = Array.from({ length: shards.length }, () => 0)
  for (const { index, sizeBytes } of order) assigned[index] = ranks.add(sizeBytes)
  return assigned
}

/** A binary heap of ranks, the one with the least load at its root. */
class LeastLoaded {
  readonly #ranks: { readonly rank: number; load: number }[]

  constructor(world: number) {
    this.#ranks = Array.from({ length: world }, (_, rank) => ({ rank, load: 0 }))
  }

  /** Adds a load to the rank with the least, and returns that rank. */
  add(load: number): number {
    const root = this.#ranks[0]
    if (root === undefined) throw new RangeError("expected at least one rank")
    root.load += load
    this.#sink()
    return root.rank
  }

  #sink(): void {
    const ranks = this.#ranks
    for (let parent = 0; ; ) {
      const least = [2 * parent + 1, 2 * parent + 2].reduce(
        (best, child) => (child < ranks.length && this.#isBefore(child, best) ? child : best),
        parent,
      )
      if (least === parent) return
      const moved = ranks[least]
      const other = ranks[parent]
      if (moved === undefined || other === undefined) return
      ranks[parent] = moved
      ranks[least] = other
      parent = least
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#ranks[a], this.#ranks[b]]
    if (left === undefined || right === undefined) return false
    return left.load < right.load || (left.load === right.load && left.rank < right.rank)
  }
}
