import { cp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { HashRecord, HashType } from "@nightlight/core"
import { MINUTE_MS } from "@nightlight/core"
import { fromHex } from "@nightlight/pdq"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  buildIndex,
  type DigestQuery,
  type EntryHit,
  importList,
  type ListIndex,
  openIndex,
  removeList,
  TEST_CARD_LIST,
  testCardRecords,
} from "../../src/index.ts"
import {
  distance,
  flipBits,
  hashOf,
  importRecords,
  itemsOf,
  manyRecords,
  namesIn,
  recordOf,
  type Workspace,
  withWorkspace,
} from "./support.ts"

interface GivenList {
  readonly name: string
  readonly radiusBits: number
  readonly records: readonly HashRecord[]
}

/** Imports lists, builds their index, opens it and closes it again. */
async function withIndex<T>(
  lists: readonly GivenList[],
  use: (index: ListIndex, workspace: Workspace) => Promise<T> | T,
) {
  return withWorkspace(async (workspace) => {
    for (const { name, radiusBits, records } of lists) await importRecords(workspace, name, records, { radiusBits })
    await buildIndex(workspace, workspace.keeper)
    await using index = await openIndex(workspace, workspace.keeper)
    return await use(index, workspace)
  })
}

/**
 * The result of brute force: every entry of a type within its list's radius, as `query list hash category distance`.
 */
function bruteForce(lists: readonly GivenList[], type: HashType, queries: readonly string[]): string[] {
  const all = [...lists, { name: TEST_CARD_LIST, radiusBits: 31, records: testCardRecords() }]
  return queries.flatMap((query, position) =>
    all.flatMap(({ name, radiusBits, records }) =>
      records.flatMap(({ hashType, hash, category }) => {
        const bits = hashType === type ? distance(query, hash) : 256
        const within = bits <= (type === "pdq" ? radiusBits : 0)
        return within ? [`${position} ${name} ${hash} ${category} ${bits}`] : []
      }),
    ),
  )
}

function describeHit(index: ListIndex, hit: EntryHit, query = 0): string {
  return `${query} ${hit.list.name} ${index.entryHash(hit)} ${hit.category} ${hit.distanceBits}`
}

function concat(hashes: readonly string[]): Uint8Array {
  return Buffer.concat(hashes.map((hash) => fromHex(hash)))
}

/** Hashes at every relevant distance from a base, made by flipping its first bits. */
function around(base: string): string[] {
  return [0, 1, 12, 13, 31, 32, 40, 41, 63, 64].map((bits) =>
    flipBits(
      base,
      Array.from({ length: bits }, (_, i) => i * 4),
    ),
  )
}

const base = hashOf("pdq", "base")
const threeLists: readonly GivenList[] = [
  { name: "narrow", radiusBits: 12, records: [recordOf("pdq", "base"), ...manyRecords(40, "n")] },
  {
    name: "usual",
    radiusBits: 31,
    records: [recordOf("pdq", "base", { category: "B2" }), { ...recordOf("pdq", "x"), hash: flipBits(base, [9]) }],
  },
  { name: "wide", radiusBits: 40, records: [recordOf("pdq", "base"), ...manyRecords(40, "w")] },
]

describe("an index over lists", () => {
  it("finds what brute force finds, within each list's own radius", async () => {
    await withIndex(threeLists, (index) => {
      const queries = [...around(base), ...around(hashOf("pdq", "n0")), testCardRecords()[0]!.hash]
      const hits = index.matchPdq(concat(queries))
      const found = hits.map((hit) => describeHit(index, hit, hit.query))
      expect([...found].sort()).toEqual(bruteForce(threeLists, "pdq", queries).sort())
      expect(found.length).toBeGreaterThan(20)
    })
  })

  it("orders hits by query, then list, then entry", async () => {
    await withIndex(threeLists, (index) => {
      const hits = index.matchPdq(concat([base, flipBits(base, [3])]))
      const key = ({ query, list, entry }: (typeof hits)[number]) =>
        [query, index.lists.findIndex(({ name }) => name === list.name), entry].map((n) => String(n).padStart(6, "0"))
      const keys = hits.map((hit) => key(hit).join())
      expect(keys).toEqual([...keys].sort())
      expect(hits).toHaveLength(8)
    })
  })

  it("equals brute force on random lists of any size, with duplicate entries", { timeout: 3 * MINUTE_MS }, async () => {
    const hash = fc
      .tuple(fc.constantFrom("a", "b"), fc.array(fc.nat(255), { maxLength: 45 }))
      .map(([word, bits]) => flipBits(hashOf("pdq", word), bits))
    const list = fc.record({
      radiusBits: fc.constantFrom(0, 5, 31, 45),
      hashes: fc.array(hash, { minLength: 1, maxLength: 8 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(list, { maxLength: 3 }), fc.array(hash, { maxLength: 5 }), async (lists, queries) => {
        const given = lists.map(({ radiusBits, hashes }, index) => ({
          name: `list-${index}`,
          radiusBits,
          records: [...new Set(hashes)].map((one) => ({ hashType: "pdq" as const, hash: one, category: "A1" })),
        }))
        await withIndex(given, (index) => {
          const found = index.matchPdq(concat(queries)).map((hit) => describeHit(index, hit, hit.query))
          expect(found.sort()).toEqual(bruteForce(given, "pdq", queries).sort())
        })
      }),
      { numRuns: 8 },
    )
  })

  it("finds every entry of every list by each of its digests, and nothing else", async () => {
    const records = manyRecords(60)
    const lists = [
      { name: "a", radiusBits: 31, records },
      { name: "b", radiusBits: 31, records: [...records.slice(0, 20), ...manyRecords(20, "other")] },
    ]
    await withIndex(lists, (index) => {
      for (const type of ["md5", "sha1", "sha256"] as const) {
        for (const word of ["r1", "r2", "r3", "r58", "other1", "other2", "other3", "absent"]) {
          const query = hashOf(type, word)
          const found = index.matchDigests({ [type]: query }).map((hit) => describeHit(index, hit))
          expect(found).toEqual(bruteForce(lists, type, [query]))
        }
      }
    })
  })

  it("answers for all digests of an item together, in the order of lists and entries, with the source's ids", async () => {
    const entry = (hashType: HashType, id: string) => recordOf(hashType, "item", { id })
    const lists = [
      { name: "a", radiusBits: 31, records: [entry("sha256", "s"), entry("md5", "m"), recordOf("sha1", "else")] },
      { name: "b", radiusBits: 31, records: [entry("md5", "bm"), recordOf("md5", "item", { category: "B2" })] },
    ]
    await withIndex(lists, (index) => {
      const query: DigestQuery = {
        md5: hashOf("md5", "item"),
        sha1: hashOf("sha1", "item"),
        sha256: hashOf("sha256", "item"),
      }
      const hits = index.matchDigests(query)
      expect(hits.map(({ list, hashType, entryId, category }) => [list.name, hashType, entryId, category])).toEqual([
        ["a", "md5", "m", "A1"],
        ["a", "sha256", "s", "A1"],
        ["b", "md5", "bm", "A1"],
        ["b", "md5", undefined, "B2"],
      ])
      expect(index.matchDigests({})).toEqual([])
    })
  })

  it("is exact when hundreds of digests share their first bytes", async () => {
    const alike = Array.from({ length: 200 }, (_, index) => ({
      hashType: "sha1" as const,
      hash: "00".repeat(18) + index.toString(16).padStart(4, "0"),
      category: "A1",
    }))
    const lists = [
      { name: "a", radiusBits: 31, records: alike },
      { name: "b", radiusBits: 31, records: alike.slice(50, 60) },
    ]
    await withIndex(lists, (index) => {
      const queries = [alike[0]!, alike[55]!, alike[199]!].map(({ hash }) => hash)
      for (const query of [...queries, `${"00".repeat(18)}ffff`, "00".repeat(20).replace(/.$/, "1")]) {
        const found = index.matchDigests({ sha1: query }).map((hit) => describeHit(index, hit))
        expect(found).toEqual(bruteForce(lists, "sha1", [query]))
      }
    })
  })

  it("refuses invalid digests and hashes instead of not finding them", async () => {
    await withIndex([], (index) => {
      for (const query of [{ md5: hashOf("md5", "a").toUpperCase() }, { sha1: "" }, { sha256: hashOf("md5", "a") }]) {
        expect(() => index.matchDigests(query)).toThrow(expect.objectContaining({ code: "input_invalid" }))
      }
      expect(() => index.matchPdq(new Uint8Array(33))).toThrow(expect.objectContaining({ code: "input_invalid" }))
      expect(index.matchPdq(new Uint8Array(0))).toEqual([])
    })
  })

  it("describes its lists with trust, radius, snapshot, terms and counts", async () => {
    await withWorkspace(async (workspace) => {
      const more = { trust: "trusted", radiusBits: 7, asOf: "2026-01-01", terms: "t" } as const
      await importRecords(workspace, "a", manyRecords(8), more)
      await buildIndex(workspace, workspace.keeper)
      await using index = await openIndex(workspace, workspace.keeper)
      const counts = { md5: 2, sha1: 2, sha256: 2, pdq: 2, url: 0 }
      expect(index.lists[0]).toEqual({ name: "a", snapshot: 1, counts, ...more })
      expect(index.lists[1]).toMatchObject({ name: TEST_CARD_LIST, trust: "test" })
    })
  })

  it("refuses to give the hash of another index's hit", async () => {
    await withIndex([{ name: "a", radiusBits: 31, records: manyRecords(4) }], (index) => {
      const [hit] = index.matchDigests({ md5: hashOf("md5", "r1") })
      const foreign = { ...hit!, list: { ...hit!.list, snapshot: 9 } }
      expect(() => index.entryHash(foreign)).toThrow(expect.objectContaining({ code: "list_unknown" }))
    })
  })
})

describe("buildIndex", () => {
  it("makes a new version only when a list changed", async () => {
    await withWorkspace(async (workspace) => {
      const build = () => buildIndex(workspace, workspace.keeper)
      expect(await build()).toMatchObject({ version: 1, changed: true })
      expect(await build()).toMatchObject({ version: 1, changed: false })
      await importRecords(workspace, "a", manyRecords(4))
      expect(await build()).toMatchObject({ version: 2, changed: true })
      await importRecords(workspace, "a", manyRecords(5))
      expect(await build()).toMatchObject({ version: 3, changed: true })
      expect(await buildIndex({ ...workspace, repair: true }, workspace.keeper)).toMatchObject({ version: 4 })
    })
  })

  it("keeps the requested number of old versions, and pinned ones", async () => {
    await withWorkspace(async (workspace) => {
      for (let count = 1; count <= 5; count++) {
        await importRecords(workspace, "a", manyRecords(count))
        await buildIndex({ ...workspace, keepVersions: 2, pinnedVersions: () => [1] }, workspace.keeper)
      }
      const kept = await namesIn(workspace.indexDir)
      expect(kept).toEqual(["v000001", "v000004", "v000005"])
      await using old = await openIndex({ ...workspace, version: 1 }, workspace.keeper)
      expect(old.matchDigests({ md5: hashOf("md5", "r1") })).toEqual([])
    })
  })

  it("does not go live without the list of test cards, and leaves the old index live", async () => {
    await withWorkspace(async (workspace) => {
      const listsDir = join(workspace.listsDir, "..", "none")
      await importList({ listsDir, name: "a", items: itemsOf(manyRecords(4)) }, workspace.keeper)
      const building = buildIndex({ ...workspace, listsDir }, workspace.keeper)
      await expect(building).rejects.toMatchObject({ code: "test_card_missed" })
      expect(await namesIn(workspace.indexDir)).toEqual([])
    })
  })

  it("refuses a list that was rolled back or vanished without being removed", async () => {
    await withWorkspace(async (workspace) => {
      const folder = join(workspace.listsDir, "a")
      await importRecords(workspace, "a", manyRecords(4))
      await importRecords(workspace, "a", manyRecords(5))
      await buildIndex(workspace, workspace.keeper)
      await rm(join(folder, "v000002"), { recursive: true })
      await expect(buildIndex(workspace, workspace.keeper)).rejects.toMatchObject({ code: "snapshot_untrusted" })
      await rm(folder, { recursive: true })
      await expect(buildIndex(workspace, workspace.keeper)).rejects.toMatchObject({ code: "snapshot_untrusted" })
    })
  })

  it("refuses a list whose records were altered, and leaves the old index live", async () => {
    await withWorkspace(async (workspace) => {
      await buildIndex(workspace, workspace.keeper)
      await importRecords(workspace, "a", manyRecords(4))
      const path = join(workspace.listsDir, "a", "v000001", "records.bin")
      const bytes = await readFile(path)
      bytes[20]! ^= 1
      await writeFile(path, bytes)
      await expect(buildIndex(workspace, workspace.keeper)).rejects.toMatchObject({ code: "snapshot_untrusted" })
      await using index = await openIndex(workspace, workspace.keeper)
      expect(index.version).toBe(1)
    })
  })

  it("requires repair before it replaces an index that is not authentic", async () => {
    await withWorkspace(async (workspace) => {
      await buildIndex(workspace, workspace.keeper)
      await writeFile(join(workspace.indexDir, "v000001", "index.json"), "{}")
      await expect(buildIndex(workspace, workspace.keeper)).rejects.toMatchObject({ code: "index_untrusted" })
      await buildIndex({ ...workspace, repair: true }, workspace.keeper)
      await using index = await openIndex(workspace, workspace.keeper)
      expect(index.version).toBe(2)
    })
  })
})

describe("removeList", () => {
  it("deletes the list's snapshots and every index that contains it, and continues its version numbers", async () => {
    await withWorkspace(async (workspace) => {
      await importRecords(workspace, "a", manyRecords(4))
      await importRecords(workspace, "b", manyRecords(4))
      await buildIndex(workspace, workspace.keeper)
      await importRecords(workspace, "a", manyRecords(5))
      await buildIndex(workspace, workspace.keeper)
      const removed = await removeList({ ...workspace, name: "a", pinnedVersions: () => [1, 2] }, workspace.keeper)
      expect(removed.lists.map(({ name }) => name)).toEqual(["b", TEST_CARD_LIST])
      expect(await namesIn(workspace.indexDir)).toEqual(["v000003"])
      expect(await namesIn(workspace.listsDir)).toEqual([".removed", "b", TEST_CARD_LIST])
      await using index = await openIndex(workspace, workspace.keeper)
      const found = index.matchDigests({ md5: hashOf("md5", "r1") })
      expect(found.map(({ list }) => list.name)).toEqual(["b"])
      expect(await importRecords(workspace, "a", manyRecords(4))).toMatchObject({ version: 3 })
      expect(await buildIndex(workspace, workspace.keeper)).toMatchObject({ version: 4 })
    })
  })

  it("does not disturb an open index", async () => {
    await withWorkspace(async (workspace) => {
      await importRecords(workspace, "a", manyRecords(4))
      await buildIndex(workspace, workspace.keeper)
      await using index = await openIndex(workspace, workspace.keeper)
      await removeList({ ...workspace, name: "a" }, workspace.keeper)
      expect(index.matchDigests({ md5: hashOf("md5", "r1") })).toHaveLength(1)
    })
  })

  it("completes an interrupted removal when it is repeated", async () => {
    await withWorkspace(async (workspace) => {
      await importRecords(workspace, "a", manyRecords(4))
      await buildIndex(workspace, workspace.keeper)
      const before = join(workspace.indexDir, "..", "before")
      await cp(workspace.indexDir, before, { recursive: true })
      await removeList({ ...workspace, name: "a" }, workspace.keeper)
      await rm(workspace.indexDir, { recursive: true })
      await cp(before, workspace.indexDir, { recursive: true })
      await removeList({ ...workspace, name: "a" }, workspace.keeper)
      expect(await namesIn(workspace.indexDir)).toEqual(["v000002"])
    })
  })

  it("refuses an unknown list and the list of test cards", async () => {
    await withWorkspace(async (workspace) => {
      const remove = (name: string) => removeList({ ...workspace, name }, workspace.keeper)
      await expect(remove("a")).rejects.toMatchObject({ code: "list_unknown" })
      await expect(remove("../a")).rejects.toMatchObject({ code: "input_invalid" })
      await expect(remove(TEST_CARD_LIST)).rejects.toMatchObject({ code: "forbidden" })
    })
  })
})
