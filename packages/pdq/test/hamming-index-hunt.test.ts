import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { HuntIndex, type HuntMatches } from "../src/index.ts"
import {
  bruteForce,
  clusteredHashes,
  flipped,
  hashOf,
  joined,
  queriesFor,
  randomHashes,
  wordsFrom,
} from "./support/hash-lists.ts"

const RADII = [0, 7, 8, 15, 16, 23, 24, 31, 32, 60, 256]

function rowsOfHunt({ length, storedRows, newIds, distancesBits }: HuntMatches): number[][] {
  return Array.from({ length }, (_, i) => [storedRows[i]!, newIds[i]!, distancesBits[i]!])
}

const lists: [string, Uint8Array][] = [
  ["no new hash", new Uint8Array()],
  ["one new hash", randomHashes(1)],
  ["two equal new hashes", joined([randomHashes(1), randomHashes(1)])],
  ["unrelated new hashes", randomHashes(400)],
  ["variants of ten hashes", clusteredHashes(300, 10, 40)],
]

describe.each(lists)("a hunt for %s", (_, newHashes) => {
  const stored = queriesFor(newHashes, 200)

  it.each(RADII)("finds what brute force finds within %i bits, by tables and by the general index", (radiusBits) => {
    const expected = bruteForce(newHashes, stored, radiusBits)
    const byTables = HuntIndex.build(newHashes, { radiusBits })
    const byIndex = HuntIndex.build(newHashes, { radiusBits, maxTableBytes: 0 })
    expect(rowsOfHunt(byTables.scan(stored))).toEqual(expected)
    expect(rowsOfHunt(byIndex.scan(stored))).toEqual(expected)
  })

  it("finds no match in an empty column", () => {
    expect(HuntIndex.build(newHashes).scan(new Uint8Array()).length).toBe(0)
  })
})

describe("HuntIndex", () => {
  it("finds a stored hash that differs by exactly the radius in any bits, and none beyond", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 31 }), (seed, radiusBits) => {
        const next = wordsFrom(seed)
        const wanted = randomHashes(30, seed)
        const id = next() % 30
        const near = flipped(hashOf(wanted, id), radiusBits, next)
        const far = flipped(hashOf(wanted, id), radiusBits + 1, next)
        const found = HuntIndex.build(wanted, { radiusBits }).scan(joined([far, near, randomHashes(1, seed + 1)]))
        expect(rowsOfHunt(found)).toEqual([[1, id, radiusBits]])
      }),
      { numRuns: 100 },
    )
  })

  it("numbers stored rows correctly across blocks", () => {
    const wanted = randomHashes(3)
    const stored = new Uint8Array(10_000 * 32)
    for (const row of [0, 4095, 4096, 8191, 9999]) stored.set(hashOf(wanted, row % 3), row * 32)
    const found = rowsOfHunt(HuntIndex.build(wanted).scan(stored))
    expect(found).toEqual([0, 4095, 4096, 8191, 9999].map((row) => [row, row % 3, 0]))
  })

  it("loses no match when there are more than fit in one output", () => {
    const found = HuntIndex.build(new Uint8Array(60_000 * 32)).scan(new Uint8Array(3 * 32))
    expect(found.length).toBe(180_000)
    expect(found.newIds.every((id, i) => id === i % 60_000)).toBe(true)
    expect(found.storedRows.every((row, i) => row === Math.floor(i / 60_000))).toBe(true)
    const many = HuntIndex.build(new Uint8Array(100 * 32)).scan(new Uint8Array(5000 * 32))
    expect(many.length).toBe(500_000)
    expect(many.storedRows.every((row, i) => row === Math.floor(i / 100))).toBe(true)
  })

  it("terminates on 20,000 variants of one hash, and agrees with the general index", () => {
    const newHashes = clusteredHashes(20_000, 1, 60)
    const stored = queriesFor(newHashes, 60)
    const byTables = rowsOfHunt(HuntIndex.build(newHashes).scan(stored))
    expect(byTables).toEqual(rowsOfHunt(HuntIndex.build(newHashes, { maxTableBytes: 0 }).scan(stored)))
    expect(byTables.length).toBeGreaterThan(1000)
  })

  it("refuses half a hash and an invalid radius", () => {
    const malformed = expect.objectContaining({ code: "hash_malformed" })
    expect(() => HuntIndex.build(new Uint8Array(31))).toThrow(malformed)
    expect(() => HuntIndex.build(randomHashes(1)).scan(new Uint8Array(33))).toThrow(malformed)
    const radius = expect.objectContaining({ code: "radius_invalid" })
    expect(() => HuntIndex.build(randomHashes(1), { radiusBits: -1 })).toThrow(radius)
  })
})
