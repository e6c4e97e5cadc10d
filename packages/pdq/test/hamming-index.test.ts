import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { FlatScan, fromHex, HammingIndex } from "../src/index.ts"
import {
  bruteForce,
  clusteredHashes,
  flipped,
  hashOf,
  joined,
  queriesFor,
  randomHashes,
  rowsOfBatch,
  wordsFrom,
} from "./support/hash-lists.ts"

/** Radii of every class: exact, no flips, one table flip, the largest probed, the smallest scanned, everything. */
const RADII = [0, 1, 7, 8, 15, 16, 23, 24, 30, 31, 32, 47, 128, 255, 256]

/** Builds with tables for any length, so that short lists test them too. */
const withTables = (hashes: Uint8Array) => HammingIndex.build(hashes, { minTableRows: 0 })

const lists: [string, Uint8Array][] = [
  ["no hash", new Uint8Array()],
  ["one hash", randomHashes(1)],
  ["two hashes", randomHashes(2)],
  ["two equal hashes", joined([randomHashes(1), randomHashes(1)])],
  ["unrelated hashes", randomHashes(700)],
  ["variants of ten hashes", clusteredHashes(600, 10, 40)],
  ["variants of one hash", clusteredHashes(300, 1, 33)],
  ["300 equal hashes", clusteredHashes(300, 1, 0)],
  ["zeros and ones", joined([new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(32)])],
]

describe.each(lists)("an index of %s", (_, hashes) => {
  const queries = queriesFor(hashes, 24)

  it.each(RADII)("finds what brute force finds within %i bits, by tables and by scan", (radiusBits) => {
    const expected = bruteForce(hashes, queries, radiusBits)
    expect(rowsOfBatch(withTables(hashes).queryBatch(queries, radiusBits))).toEqual(expected)
    expect(rowsOfBatch(HammingIndex.build(hashes).queryBatch(queries, radiusBits))).toEqual(expected)
  })

  it("answers one query like a batch", () => {
    const index = withTables(hashes)
    for (let query = 0; query < 24; query++) {
      const alone = index.query(hashOf(queries, query), 31).map(({ id, distanceBits }) => [query, id, distanceBits])
      expect(alone).toEqual(bruteForce(hashes, queries, 31).filter(([of]) => of === query))
    }
  })
})

describe("HammingIndex", () => {
  it("equals the flat scan on 60,000 hashes, half of them variants of each other", () => {
    const hashes = joined(
      [...Array.from({ length: 30 }, (_, i) => randomHashes(1000, i + 1)), clusteredHashes(30_000, 300, 40)].flatMap(
        (part) => Array.from({ length: part.length / 32 }, (_, row) => hashOf(part, row)),
      ),
    )
    const queries = queriesFor(hashes, 300)
    const index = HammingIndex.build(hashes)
    const flat = FlatScan.build(hashes)
    for (const radiusBits of [8, 16, 31, 32]) {
      const batch = rowsOfBatch(index.queryBatch(queries, radiusBits))
      const expected = Array.from({ length: 300 }, (_, query) =>
        flat.query(hashOf(queries, query), radiusBits).map(({ id, distanceBits }) => [query, id, distanceBits]),
      ).flat()
      expect(batch).toEqual(expected)
    }
  })

  it("finds a pair that differs by exactly the radius in any bits", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 31 }),
        fc.integer({ min: 0, max: 31 }),
        (seed, radius, more) => {
          const next = wordsFrom(seed)
          const query = randomHashes(1, seed)
          const near = flipped(query, radius, next)
          const far = flipped(query, radius + 1 + more, next)
          const index = withTables(joined([randomHashes(40, seed + 1), far, near].flatMap((part) => split(part))))
          expect(index.query(query, radius)).toEqual([{ id: 41, distanceBits: radius }])
        },
      ),
      { numRuns: 150 },
    )
  })

  it("finds pairs whose every word differs by as much as the radius allows", () => {
    const query = new Uint8Array(32)
    // Seven words differ in 4 bits, two in each half, and one word in 3: the hardest case for the tables.
    for (let word = 0; word < 8; word++) {
      const hash = new Uint8Array(32).map((_, byte) => ((byte & 1) === 0 ? 3 : 0))
      hash[word * 4] = 1
      expect(withTables(joined([hash, randomHashes(1)])).query(query, 31)).toEqual([{ id: 0, distanceBits: 31 }])
    }
  })

  it("answers batches longer than its scratch", () => {
    const hashes = randomHashes(50)
    const queries = joined(Array.from({ length: 1300 }, (_, i) => hashOf(hashes, i % 50)))
    const batch = withTables(hashes).queryBatch(queries, 31)
    expect(rowsOfBatch(batch)).toEqual(Array.from({ length: 1300 }, (_, i) => [i, i % 50, 0]))
  })

  it("answers a list of 150,000 equal hashes without losing one", () => {
    const index = HammingIndex.build(new Uint8Array(150_000 * 32).fill(9))
    const batch = index.queryBatch(new Uint8Array(64).fill(9), 31)
    expect(batch.length).toBe(300_000)
    expect(batch.ids.every((id, i) => id === i % 150_000)).toBe(true)
    expect(batch.queries.every((query, i) => query === (i < 150_000 ? 0 : 1))).toBe(true)
  })

  it("answers 2,000 queries against 100,000 variants of ten hashes within the test's time limit", () => {
    const hashes = clusteredHashes(100_000, 10, 40)
    const index = HammingIndex.build(hashes)
    const queries = queriesFor(hashes, 2000)
    const batch = index.queryBatch(queries, 31)
    const flat = FlatScan.build(hashes)
    for (const query of [0, 1, 2, 1998]) {
      const found = rowsOfBatch(batch).filter(([of]) => of === query)
      const expected = flat.query(hashOf(queries, query), 31)
      expect(found).toEqual(expected.map(({ id, distanceBits }) => [query, id, distanceBits]))
    }
  })

  it.skipIf(process.env["NIGHTLIGHT_LONG"] === undefined)(
    "equals the flat scan on a million hashes: unrelated, and variants of 10,000, of 100 and of one",
    () => {
      const lists = [randomHashes(1_000_000), ...[10_000, 100, 1].map((bases) => clusteredHashes(1_000_000, bases, 40))]
      for (const hashes of lists) {
        const queries = queriesFor(hashes, 40)
        const index = HammingIndex.build(hashes)
        const flat = FlatScan.build(hashes)
        for (let query = 0; query < 40; query++) {
          expect(index.query(hashOf(queries, query), 31)).toEqual(flat.query(hashOf(queries, query), 31))
        }
      }
    },
    300_000,
  )

  it.each([-1, 0.5, Number.NaN, 2 ** 28])("refuses a delta of %d rows", (deltaCapacity) => {
    const error = expect.objectContaining({ code: "index_too_large" })
    expect(() => HammingIndex.build(randomHashes(1), { deltaCapacity })).toThrow(error)
  })

  it.each([31, 33, 1])("refuses %i bytes as hashes", (length) => {
    const error = expect.objectContaining({ code: "hash_malformed" })
    expect(() => HammingIndex.build(new Uint8Array(length))).toThrow(error)
    expect(() => withTables(randomHashes(2)).query(new Uint8Array(length), 31)).toThrow(error)
    expect(() => withTables(randomHashes(2)).queryBatch(new Uint8Array(length), 31)).toThrow(error)
    expect(() => withTables(randomHashes(2)).add(new Uint8Array(length))).toThrow(error)
  })

  it.each([-1, 257, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a radius of %d", (radiusBits) => {
    const error = expect.objectContaining({ code: "radius_invalid" })
    expect(() => withTables(randomHashes(2)).query(randomHashes(1), radiusBits)).toThrow(error)
  })
})

const truth = join(import.meta.dirname, "../../../../shared/data/pdq/mih")

describe.skipIf(!existsSync(truth))("the published truth (skipped: ../shared/data/pdq/mih is absent)", () => {
  const readHashes = (name: string) =>
    joined(
      readFileSync(join(truth, name), "utf8")
        .trim()
        .split(/\s+/)
        .map((hex) => fromHex(hex)),
    )
  const readExpected = () =>
    JSON.parse(readFileSync(join(truth, "expected.json"), "utf8")) as {
      totalPairsWithin: Record<string, number>
      perNeedle: { matches_le31: [number, number][] }[]
    }

  it.each([
    ["by tables", 0],
    ["by scan", 1e9],
  ])("equals the index's answers %s", (_, minTableRows) => {
    const expected = readExpected()
    const index = HammingIndex.build(readHashes("haystack.txt"), { minTableRows })
    const needles = readHashes("needles.txt")
    for (const [radius, pairs] of Object.entries(expected.totalPairsWithin)) {
      expect([radius, index.queryBatch(needles, Number(radius)).length]).toEqual([radius, pairs])
    }
    for (const [i, { matches_le31 }] of expected.perNeedle.entries()) {
      const found = index.query(hashOf(needles, i), 31).map(({ id, distanceBits }) => [id, distanceBits])
      expect(found).toEqual(matches_le31.toSorted((a, b) => a[0] - b[0]))
    }
  })
})

function split(hashes: Uint8Array): Uint8Array[] {
  return Array.from({ length: hashes.length / 32 }, (_, row) => hashOf(hashes, row))
}
