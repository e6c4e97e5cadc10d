import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { HashRecord } from "@nightlight/core"
import { compact } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { CategoryNumbers } from "../../src/lists/categories.ts"
import { RunWriter } from "../../src/lists/run-writer.ts"
import { SegmentEntries } from "../../src/lists/segment-entries.ts"
import { writeSnapshotFiles } from "../../src/lists/snapshot-files.ts"
import { anyRecord } from "./support.ts"

/** Sorts in runs of this many records, and reads the files back. */
async function sorted(records: readonly HashRecord[], runRecords: number) {
  const folder = await mkdtemp(join(tmpdir(), "nightlight-sort-"))
  try {
    const categories = new CategoryNumbers()
    const writer = new RunWriter(folder, { records: runRecords, idBytes: 64 })
    for (const record of records) writer.add(record, categories.numberOf(record.category))
    const runs = writer.finish()
    const written = await writeSnapshotFiles({ folder, runs, ...categories.sorted() }, async () => undefined)
    const place = { folder, counts: written.counts, files: written.files, listName: "a list" }
    const entries = await SegmentEntries.open({ ...place, code: "snapshot_untrusted" })
    const all = Array.from({ length: entries.total }, (_, ordinal) => entries.entryAt(ordinal))
    await entries.close()
    return { entries: all, duplicates: written.duplicates, digest: written.files.records.sha256, runs: runs.length }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The expected result, made by sorting and grouping in memory. */
function expected(records: readonly HashRecord[]) {
  const types = ["md5", "sha1", "sha256", "pdq"]
  const groups = new Map<string, HashRecord[]>()
  for (const record of records) {
    const key = `${types.indexOf(record.hashType)} ${record.hash} ${record.category}`
    groups.set(key, [...(groups.get(key) ?? []), record])
  }
  return [...groups.keys()].sort().map((key) => {
    const group = groups.get(key) ?? []
    const ids = group.flatMap(({ id }) => (id === undefined ? [] : [id])).sort()
    const [first] = group
    return compact({
      hashType: first!.hashType,
      hash: first!.hash,
      category: first!.category,
      id: ids[0] ? ids[0] : undefined,
    })
  })
}

describe("the external sort", () => {
  it("orders by type, hash and category and keeps one of duplicates, with the smallest id", async () => {
    const shape = [fc.array(anyRecord(), { maxLength: 60 }), fc.integer({ min: 1, max: 70 })] as const
    await fc.assert(
      fc.asyncProperty(...shape, async (records, runRecords) => {
        const { entries, duplicates } = await sorted(records, runRecords)
        // Which of several duplicates' qualities is kept is not said.
        expect(entries).toMatchObject(expected(records))
        expect(duplicates).toBe(records.length - entries.length)
      }),
      { numRuns: 20 },
    )
  })

  it("gives the same bytes whatever the order of the records and the number of runs", async () => {
    const shape = [fc.array(anyRecord(), { minLength: 1, maxLength: 40 }), fc.infiniteStream(fc.nat())] as const
    await fc.assert(
      fc.asyncProperty(...shape, async (records, keys) => {
        const shuffled = records.map((record) => ({ record, key: keys.next().value ?? 0 }))
        shuffled.sort((a, b) => a.key - b.key)
        const one = await sorted(records, 100)
        const many = await sorted(
          shuffled.map(({ record }) => record),
          3,
        )
        expect(one.runs).toBe(1)
        expect(many.digest).toBe(one.digest)
      }),
      { numRuns: 10 },
    )
  })

  it.each([
    [300, 64],
    [6_000, 6_000],
  ])("orders %i hashes with equal first bits by the rest", async (count, runRecords) => {
    const records = Array.from({ length: count }, (_, index) => ({
      hashType: "sha256" as const,
      hash: "ab".repeat(28) + ((index * 7_919) % count).toString(16).padStart(8, "0"),
      category: "A1",
    }))
    const { entries } = await sorted(records, runRecords)
    expect(entries.map(({ hash }) => hash)).toEqual(records.map(({ hash }) => hash).sort())
  })
})
