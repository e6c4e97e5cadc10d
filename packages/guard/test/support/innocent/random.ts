/** Chance that repeats: the same numbers for the same seed. */
export interface Chance {
  /** Below a number. */
  below(limit: number): number
  /** One of several. */
  of<T>(all: readonly T[]): T
  bytes(size: number): Buffer
  /** As many as wanted, joined. */
  many(count: number, make: () => string, between?: string): string
}

/** Makes one, by xorshift of 32 bits. */
export function chance(seed: number): Chance {
  let state = seed * 2_654_435_761 + 1 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  const below = (limit: number) => next() % limit
  return {
    below,
    of: (all) => all[below(all.length)] as (typeof all)[number],
    bytes: (size) => Buffer.from(Uint8Array.from({ length: size }, () => next() >>> 11)),
    many: (count, make, between = " ") => Array.from({ length: count }, make).join(between),
  }
}
