import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { parseHeader } from "../src/hamming-index/header.ts"
import { DIRECTORY_BYTES, TABLES } from "../src/hamming-index/layout.ts"
import { FlatScan, HammingIndex, PdqError } from "../src/index.ts"
import { hashOf, randomHashes } from "./support/hash-lists.ts"

const folder = mkdtempSync(join(tmpdir(), "nightlight-tables-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** More hashes with an equal first half than the builder can sort within its scratch. */
const ALIKE = 80_000

/** Hashes of which all or the first ones have the same two bytes at `offset`. */
function hashesAlike(count: number, alike: number, offset: number): Uint8Array {
  const hashes = randomHashes(count, count)
  for (let row = 0; row < alike; row++) hashes.set([0xa5, 0x5a], row * 32 + offset)
  return hashes
}

/** A key with its even, odd or all bits inverted lies beside it: the rest of the bits order the groups of four. */
function bucketOf(key: number): number {
  const inverted = ((key & 1) === 1 ? 0x5555 : 0) ^ ((key & 2) === 2 ? 0xaaaa : 0)
  return (key ^ inverted) | (key & 3)
}

/** Checks that each table contains the given rows once: in their key's bucket, in order, with the other half beside. */
async function expectSoundTables(index: HammingIndex, hashes: Uint8Array, isListed: (row: number) => boolean) {
  const path = join(folder, "index.image")
  await index.writeImage(path)
  const image = readFileSync(path)
  const { starts, sketches, ids, rows, entries } = parseHeader(new DataView(image.buffer, image.byteOffset, 4096))
  const halves = new Uint16Array(hashes.buffer, hashes.byteOffset, hashes.length / 2)
  for (let table = 0; table < TABLES; table++) {
    const directory = new Uint32Array(image.buffer, image.byteOffset + starts + table * DIRECTORY_BYTES, 65_537)
    const idOf = new Uint32Array(image.buffer, image.byteOffset + ids, TABLES * entries)
    const sketchOf = new Uint16Array(image.buffer, image.byteOffset + sketches, TABLES * entries)
    const wrong: number[] = []
    const expected = Array.from({ length: rows }, (_, row) => row).filter(isListed)
    const bucketAt = (row: number) => bucketOf(halves[row * 16 + table]!)
    const sorted = expected.toSorted((a, b) => bucketAt(a) - bucketAt(b) || a - b)
    for (const [i, row] of sorted.entries()) {
      const bucket = bucketAt(row)
      const offset = table * entries + i
      const lies = directory[bucket]! <= offset && offset < directory[bucket + 1]!
      if (!lies || idOf[offset] !== row || sketchOf[offset] !== halves[row * 16 + (table ^ 1)]) wrong.push(row)
    }
    expect([table, sorted.length, wrong.length]).toEqual([table, entries, 0])
  }
}

it.each([
  ["unrelated", hashesAlike(20_000, 0, 0)],
  ["alike at the start", hashesAlike(ALIKE + 5_000, ALIKE, 0)],
  ["alike near the end", hashesAlike(ALIKE + 5_000, ALIKE, 30)],
])("tables of hashes that are %s contain each once, under its key, in order of ids", async (_, hashes) => {
  const index = HammingIndex.build(hashes)
  await expectSoundTables(index, hashes, () => true)
  const flat = FlatScan.build(hashes)
  for (const row of [0, 1, 19_999]) {
    expect(index.query(hashOf(hashes, row), 31)).toEqual(flat.query(hashOf(hashes, row), 31))
  }
})

it("tables of a compacted index leave withdrawn hashes out", async () => {
  const hashes = hashesAlike(ALIKE + 5_000, ALIKE, 0)
  const index = HammingIndex.build(hashes)
  for (let row = 0; row < hashes.length / 32; row += 3) index.withdraw(row)
  await expectSoundTables(index.compact(), hashes, (row) => row % 3 !== 0)
})

/** Hashes in records of 40 bytes, in parts of this many records. */
function recordsOf(hashes: Uint8Array, partRows: number) {
  const rows = hashes.length / 32
  const all = new Uint8Array(rows * 40).fill(0xee)
  for (let row = 0; row < rows; row++) all.set(hashOf(hashes, row), row * 40 + 8)
  const parts = Array.from({ length: Math.ceil(rows / partRows) }, (_, part) =>
    all.subarray(part * partRows * 40, (part + 1) * partRows * 40),
  )
  return { rows, parts, recordBytes: 40, hashAt: 8 }
}

it.each([1, 700, 8_192, 20_000])(
  "an index built from records in parts of %i equals one built from their hashes",
  async (partRows) => {
    const hashes = hashesAlike(20_000, 500, 4)
    await expectSoundTables(HammingIndex.buildFrom(recordsOf(hashes, partRows)), hashes, () => true)
  },
)

it("records are refused when their number is wrong or they are not whole", () => {
  const records = recordsOf(randomHashes(5_000), 1_000)
  for (const wrong of [
    { ...records, rows: 4_999 },
    { ...records, rows: 5_001 },
    { ...records, recordBytes: 41 },
    { ...records, hashAt: 9 },
    { ...records, hashAt: -1 },
    { ...records, parts: [new Uint8Array(39)] },
  ]) {
    expect(() => HammingIndex.buildFrom(wrong)).toThrow(PdqError)
  }
})

it("has a bucket of its own for every key, and four adjacent ones for a key and its inversions", () => {
  const keys = Array.from({ length: 65_536 }, (_, key) => key)
  expect(new Set(keys.map(bucketOf)).size).toBe(65_536)
  for (const key of keys) {
    const group = [key, key ^ 0x5555, key ^ 0xaaaa, key ^ 0xffff].map((inverted) => bucketOf(inverted) >> 2)
    expect(new Set(group).size).toBe(1)
  }
})
