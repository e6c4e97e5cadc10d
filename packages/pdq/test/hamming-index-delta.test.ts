import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { HammingIndex } from "../src/index.ts"
import {
  bruteForce,
  clusteredHashes,
  hashOf,
  joined,
  queriesFor,
  randomHashes,
  rowsOfBatch,
} from "./support/hash-lists.ts"

const withTables = (hashes: Uint8Array, deltaCapacity = 1000) =>
  HammingIndex.build(hashes, { minTableRows: 0, deltaCapacity })

/** The result of brute force among all ids except withdrawn ones. */
function expectedOf(all: readonly Uint8Array[], withdrawn: ReadonlySet<number>, queries: Uint8Array, radius: number) {
  return bruteForce(joined(all), queries, radius).filter(([, id]) => !withdrawn.has(id!))
}

describe("additions and withdrawals", () => {
  it("take effect in the next look-up", () => {
    const hashes = randomHashes(500)
    const index = withTables(hashes)
    const added = randomHashes(1, 77)
    expect(index.add(added)).toBe(500)
    expect(index.query(added, 31)).toEqual([{ id: 500, distanceBits: 0 }])
    expect(index.withdraw(500)).toBe(true)
    expect(index.withdraw(3)).toBe(true)
    expect(index.query(added, 31)).toEqual([])
    expect(index.query(hashOf(hashes, 3), 31)).toEqual([])
    expect(index.query(hashOf(hashes, 3), 256)).toHaveLength(499)
    expect(index.withdraw(3)).toBe(false)
    expect([index.size, index.idCount]).toEqual([499, 501])
  })

  it("keep the index equal to brute force, in any order, before and after compaction", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("add" as const), pick: fc.nat(199) }),
      fc.record({ kind: fc.constant("withdraw" as const), pick: fc.nat(1000) }),
      fc.record({ kind: fc.constant("compact" as const), pick: fc.nat(1) }),
    )
    const pool = clusteredHashes(200, 20, 30)
    fc.assert(
      fc.property(
        fc.nat(120),
        fc.array(step, { maxLength: 40 }),
        fc.constantFrom(0, 15, 31, 60),
        (rows, steps, radius) => {
          const all = Array.from({ length: rows }, (_, row) => hashOf(pool, row))
          const withdrawn = new Set<number>()
          let index = withTables(joined(all))
          for (const { kind, pick } of steps) {
            if (kind === "add") {
              const hash = hashOf(pool, pick)
              expect(index.add(hash)).toBe(all.length)
              all.push(hash)
            } else if (kind === "withdraw" && all.length > 0) {
              const id = pick % all.length
              expect(index.withdraw(id)).toBe(!withdrawn.has(id))
              withdrawn.add(id)
            } else if (kind === "compact") {
              index = index.compact({ minTableRows: pick * 1000 })
            }
          }
          const queries = queriesFor(pool, 6)
          expect(rowsOfBatch(index.queryBatch(queries, radius))).toEqual(expectedOf(all, withdrawn, queries, radius))
          expect([index.size, index.idCount]).toEqual([all.length - withdrawn.size, all.length])
          for (const [id, hash] of all.entries()) if (!withdrawn.has(id)) expect(index.hashAt(id)).toEqual(hash)
        },
      ),
      { numRuns: 40 },
    )
  })

  it("are found even if more than fit in one output, after main rows", () => {
    const index = HammingIndex.build(new Uint8Array(32), { deltaCapacity: 60_000 })
    for (let i = 0; i < 60_000; i++) index.add(new Uint8Array(32))
    const batch = index.queryBatch(new Uint8Array(32), 31)
    expect(batch.length).toBe(60_001)
    expect(batch.ids.every((id, i) => id === i)).toBe(true)
  })

  it("fail with a code when the delta is full, and work again after compaction", () => {
    const index = withTables(randomHashes(10), 2)
    index.add(randomHashes(1, 2))
    index.add(randomHashes(1, 3))
    expect(index.deltaRemaining).toBe(0)
    expect(() => index.add(randomHashes(1, 4))).toThrow(expect.objectContaining({ code: "delta_full" }))
    expect(index.idCount).toBe(12)
    expect(index.compact().add(randomHashes(1, 4))).toBe(12)
  })

  it("fail when the delta has no capacity", () => {
    expect(() => withTables(randomHashes(1), 0).add(randomHashes(1))).toThrow(
      expect.objectContaining({ code: "delta_full" }),
    )
  })

  it.each([-1, 2, 0.5, 2 ** 32, Number.NaN])("are refused for the id %d, which no entry ever had", (id) => {
    const index = withTables(randomHashes(2))
    expect(() => index.withdraw(id)).toThrow(expect.objectContaining({ code: "id_unknown" }))
    expect(() => index.hashAt(id)).toThrow(expect.objectContaining({ code: "id_unknown" }))
  })

  it("survive a thread that died between reserving and filling a slot", () => {
    const index = withTables(randomHashes(20))
    const slotsTaken = new Uint32Array(index.share().memory.buffer, 28, 1)
    Atomics.add(slotsTaken, 0, 1)
    const added = new Uint8Array(32)
    expect(index.add(added)).toBe(21)
    for (const each of [index, index.compact(), index.compact({ minTableRows: 0 })]) {
      expect(each.query(added, 31)).toEqual([{ id: 21, distanceBits: 0 }])
      expect([each.size, each.idCount]).toEqual([21, 22])
    }
  })

  it("are not in a compaction that began before their slot was reserved", () => {
    const hashes = randomHashes(20)
    const index = withTables(hashes)
    const { buffer } = index.share().memory
    const withdrawnBits = new DataView(buffer).getUint32(60, true)
    // The bits of ids 20 to 31, as a thread may set them between copying the count and copying the bits.
    new Uint8Array(buffer, withdrawnBits)[2]! |= 0b1111_0000
    new Uint8Array(buffer, withdrawnBits)[3] = 0xff
    const compacted = index.compact({ minTableRows: 0 })
    expect([compacted.size, compacted.idCount]).toEqual([20, 20])
    expect(rowsOfBatch(compacted.queryBatch(hashes, 31))).toEqual(bruteForce(hashes, hashes, 31))
  })

  it("are final after compaction, which wipes a withdrawn hash", () => {
    const hashes = randomHashes(200)
    const index = withTables(hashes)
    index.withdraw(index.add(randomHashes(1, 5)))
    index.withdraw(7)
    const compacted = index.compact({ minTableRows: 0 })
    expect(compacted.hashAt(7)).toEqual(new Uint8Array(32))
    expect(compacted.hashAt(200)).toEqual(new Uint8Array(32))
    const memory = Buffer.from(new Uint8Array(compacted.share().memory.buffer).slice())
    expect(memory.includes(Buffer.from(hashOf(hashes, 7).subarray(0, 16)))).toBe(false)
    expect(memory.includes(Buffer.from(hashOf(hashes, 8).subarray(0, 16)))).toBe(true)
  })
})
