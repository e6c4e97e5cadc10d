/** Lists of hashes for the index's tests, and the expected results of look-ups, by counting every bit of every pair. */
import { hammingDistance } from "../../src/hash.ts"

/** A seeded generator of 32-bit words (xorshift). */
export function wordsFrom(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** `count` unrelated hashes. */
export function randomHashes(count: number, seed = 1): Uint8Array {
  const next = wordsFrom(seed)
  return new Uint8Array(Uint32Array.from({ length: count * 8 }, next).buffer)
}

/** The hash at `row`. */
export function hashOf(hashes: Uint8Array, row: number): Uint8Array {
  return hashes.slice(row * 32, row * 32 + 32)
}

/** A copy of a hash with `bits` different bits flipped. */
export function flipped(hash: Uint8Array, bits: number, next: () => number): Uint8Array {
  const copy = hash.slice()
  for (let left = bits; left > 0; ) {
    const bit = next() & 255
    const mask = 1 << (bit & 7)
    if (((copy[bit >>> 3]! ^ hash[bit >>> 3]!) & mask) !== 0) continue
    copy[bit >>> 3]! ^= mask
    left--
  }
  return copy
}

/** `count` variants, 0 to `maxBits` flips away, of `bases` unrelated hashes, like a list of edited copies. */
export function clusteredHashes(count: number, bases: number, maxBits: number): Uint8Array {
  const base = randomHashes(bases, 7)
  const next = wordsFrom(8)
  return joined(Array.from({ length: count }, (_, i) => flipped(hashOf(base, i % bases), next() % (maxBits + 1), next)))
}

/** Queries: half of them a listed hash with 0 to 40 flips, half unrelated. */
export function queriesFor(hashes: Uint8Array, count: number, seed = 99): Uint8Array {
  const next = wordsFrom(seed)
  const rows = hashes.length / 32
  return joined(
    Array.from({ length: count }, (_, i) =>
      i % 2 === 0 && rows > 0 ? flipped(hashOf(hashes, next() % rows), next() % 41, next) : randomHashes(1, next()),
    ),
  )
}

/** Concatenates hashes. */
export function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(hashes.length * 32)
  for (const [i, hash] of hashes.entries()) all.set(hash, i * 32)
  return all
}

/** Every [query, id, distance] within the radius, in order. */
export function bruteForce(hashes: Uint8Array, queries: Uint8Array, radiusBits: number): number[][] {
  const found: number[][] = []
  for (let query = 0; query < queries.length / 32; query++) {
    for (let id = 0; id < hashes.length / 32; id++) {
      const distance = hammingDistance(hashOf(queries, query), hashes.subarray(id * 32, id * 32 + 32))
      if (distance <= radiusBits) found.push([query, id, distance])
    }
  }
  return found
}

/** The columns of a batch as rows. */
export function rowsOfBatch(batch: {
  readonly length: number
  readonly queries: Uint32Array
  readonly ids: Uint32Array
  readonly distancesBits: Uint16Array
}): number[][] {
  return Array.from({ length: batch.length }, (_, i) => [batch.queries[i]!, batch.ids[i]!, batch.distancesBits[i]!])
}
