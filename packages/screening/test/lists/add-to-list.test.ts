import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { compact, type HashRecord } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { addToList, buildIndex, diffSnapshots, openIndex, openSnapshot, showList } from "../../src/index.ts"
import { MAX_SEGMENTS } from "../../src/lists/add-to-list.ts"
import { readIndexDocument } from "../../src/lists/index-document.ts"
import { hashOf, importRecords, itemsOf, manyRecords, recordOf, type Workspace, withWorkspace } from "./support.ts"

function add({ listsDir, keeper }: Workspace, name: string, records: Iterable<HashRecord>, more: object = {}) {
  return addToList({ listsDir, name, items: itemsOf(records), ...more }, keeper)
}

/** Every entry of a list, in the order of hashes. */
async function hashesOf({ listsDir, keeper }: Workspace, name: string): Promise<readonly string[]> {
  await using opened = await openSnapshot({ listsDir, name }, keeper.verifier)
  return [...diffSnapshots(undefined, opened)].map(
    ({ hashType, hash }) => `${hashType} ${Buffer.from(hash).toString("hex")}`,
  )
}

/** Asserts that an index over the workspace's lists finds exactly these records of a list, with category and id. */
async function expectFound(workspace: Workspace, name: string, records: readonly HashRecord[]): Promise<void> {
  await using index = await openIndex(workspace, workspace.keeper)
  for (const record of records) {
    const { hashType, hash, category, id } = record
    const hits =
      hashType === "pdq" ? index.matchPdq(Buffer.from(hash, "hex")) : index.matchDigests({ [hashType]: hash })
    const own = hits.filter((hit) => hit.list.name === name && index.entryHash(hit) === hash)
    expect(own).toContainEqual(expect.objectContaining(compact({ hashType, category, entryId: id })))
    for (const hit of own) expect(index.describeEntry(name, hit.entry).category).toBe(hit.category)
  }
}

describe("adding to a list", () => {
  it("leaves the older entries' files as they are, and writes only what is new", async () => {
    await withWorkspace(async (workspace) => {
      await importRecords(workspace, "a", manyRecords(40), { trust: "trusted", radiusBits: 11, terms: "t" })
      const summary = await add(workspace, "a", [...manyRecords(4), ...manyRecords(6, "new")], { asOf: "2026-02-02" })
      expect(summary).toMatchObject({ version: 2, changed: true, duplicates: 4, trust: "trusted", radiusBits: 11 })
      const { listsDir, keeper } = workspace
      const { counts, segments, asOf, terms } = await showList({ listsDir, name: "a" }, keeper.verifier)
      expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(46)
      expect(segments.map(({ version }) => version)).toEqual([1, 2])
      expect({ asOf, terms }).toEqual({ asOf: "2026-02-02", terms: "t" })
    })
  })

  it("gives the list that importing everything at once gives, however the entries are divided", async () => {
    const word = fc.integer({ min: 0, max: 30 }).map(String)
    const record = fc
      .record({
        type: fc.constantFrom("md5", "sha1", "sha256", "pdq", "url" as const),
        word,
        category: fc.constantFrom("A", "B"),
      })
      .map(({ type, word: text, category }) => recordOf(type, text, { category, id: `${category}${text}` }))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(record, { maxLength: 12 }), { minLength: 2, maxLength: 5 }), async (parts) => {
        await withWorkspace(async (workspace) => {
          const [first = [], ...others] = parts
          const all = parts.flat()
          await importRecords(workspace, "parts", [recordOf("md5", "one"), ...first])
          await importRecords(workspace, "whole", [recordOf("md5", "one"), ...all])
          for (const part of others) await add(workspace, "parts", part)
          expect(await hashesOf(workspace, "parts")).toEqual(await hashesOf(workspace, "whole"))
          await buildIndex(workspace, workspace.keeper)
          await expectFound(workspace, "parts", all)
        })
      }),
      { numRuns: 8 },
    )
  })

  it("changes nothing when every entry is known", async () => {
    await withWorkspace(async (workspace) => {
      await importRecords(workspace, "a", manyRecords(8))
      expect(await add(workspace, "a", manyRecords(8))).toMatchObject({ version: 1, changed: false, duplicates: 8 })
    })
  })

  it("indexes only what is new, beside the files of the earlier index", async () => {
    await withWorkspace(async (workspace) => {
      const { indexDir, keeper } = workspace
      await importRecords(workspace, "a", manyRecords(400))
      const request = { ...workspace, deltaFromEntries: 100 }
      await buildIndex(request, keeper)
      const before = await readIndexDocument(indexDir, 1, keeper.verifier)
      await add(workspace, "a", manyRecords(4, "new"))
      await buildIndex(request, keeper)
      const after = await readIndexDocument(indexDir, 2, keeper.verifier)
      expect(after.files).toEqual(before.files)
      expect(after.delta?.segments).toEqual(["a 2"])
      await expectFound(workspace, "a", [...manyRecords(400), ...manyRecords(4, "new")])
      // An addition upon an addition is a larger delta over the same files.
      await add(workspace, "a", manyRecords(4, "newer"))
      await buildIndex(request, keeper)
      const last = await readIndexDocument(indexDir, 3, keeper.verifier)
      expect(last.files).toEqual(before.files)
      expect(last.delta?.segments).toEqual(["a 2", "a 3"])
      await expectFound(workspace, "a", [...manyRecords(400), ...manyRecords(4, "new"), ...manyRecords(4, "newer")])
    })
  })

  it("joins the additions when there are many, and keeps every entry", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      await importRecords(workspace, "a", manyRecords(100))
      const all: HashRecord[] = manyRecords(100)
      for (let round = 0; round < MAX_SEGMENTS + 2; round++) {
        const more = [recordOf("pdq", `p${round}`, { quality: 70, id: `id${round}` }), recordOf("md5", `m${round}`)]
        all.push(...more)
        await add(workspace, "a", more)
      }
      const { segments } = await showList({ listsDir, name: "a" }, keeper.verifier)
      expect(segments.length).toBeLessThan(MAX_SEGMENTS)
      await buildIndex(workspace, keeper)
      await expectFound(workspace, "a", all)
      expect(new Set(await hashesOf(workspace, "a")).size).toBe(all.length)
    })
  })

  it("tells a hunt only what was added", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      await importRecords(workspace, "a", manyRecords(40))
      await add(workspace, "a", [...manyRecords(4, "new"), recordOf("pdq", "r0", { category: "another" })])
      await using older = await openSnapshot({ listsDir, name: "a", version: 1 }, keeper.verifier)
      await using newer = await openSnapshot({ listsDir, name: "a" }, keeper.verifier)
      const changes = [...diffSnapshots(older, newer)]
      expect(new Set(changes.map(({ change, hash }) => `${change} ${Buffer.from(hash).toString("hex")}`))).toEqual(
        new Set(manyRecords(4, "new").map(({ hash }) => `added ${hash}`)),
      )
      for (const { entry, hash } of changes) {
        expect(newer.entries.entryAt(entry).hash).toBe(Buffer.from(hash).toString("hex"))
      }
      const back = [...diffSnapshots(newer, older)]
      expect(back).toHaveLength(changes.length)
      expect(back.every(({ change }) => change === "withdrawn")).toBe(true)
    })
  })

  it("is followed by an import of the whole list, which withdraws what is not in it", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      await importRecords(workspace, "a", manyRecords(40))
      await add(workspace, "a", manyRecords(4, "new"))
      await importRecords(workspace, "a", manyRecords(36))
      await using older = await openSnapshot({ listsDir, name: "a", version: 2 }, keeper.verifier)
      await using newer = await openSnapshot({ listsDir, name: "a" }, keeper.verifier)
      const changes = [...diffSnapshots(older, newer)]
      expect(changes.every(({ change }) => change === "withdrawn")).toBe(true)
      expect(changes).toHaveLength(8)
      expect(newer.snapshot.segments.map(({ version }) => version)).toEqual([3])
    })
  })

  it("keeps the older versions whose entries the newest has", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      await importRecords(workspace, "a", manyRecords(8))
      for (const word of ["x", "y", "z"]) await add(workspace, "a", manyRecords(4, word), { keepVersions: 0 })
      expect(new Set(await hashesOf(workspace, "a")).size).toBe(20)
      await importRecords(workspace, "a", manyRecords(8), { keepVersions: 0, acceptShrink: true })
      await expect(showList({ listsDir, name: "a", version: 1 }, keeper.verifier)).rejects.toMatchObject({
        code: "list_unknown",
      })
    })
  })

  it("is refused for a list that is not there, or whose older entries were altered", async () => {
    await withWorkspace(async (workspace) => {
      await expect(add(workspace, "a", manyRecords(4))).rejects.toMatchObject({ code: "list_unknown" })
      await importRecords(workspace, "a", manyRecords(8))
      await add(workspace, "a", manyRecords(4, "new"))
      await writeFile(join(workspace.listsDir, "a", "v000001", "records.bin"), Buffer.alloc(8 * 40, hashOf("md5", "x")))
      await expect(add(workspace, "a", manyRecords(4, "newer"))).rejects.toMatchObject({ code: "snapshot_untrusted" })
      await expect(buildIndex(workspace, workspace.keeper)).rejects.toMatchObject({ code: "snapshot_untrusted" })
    })
  })
})
