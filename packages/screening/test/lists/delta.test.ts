import { cp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { HashRecord } from "@nightlight/core"
import { MINUTE_MS } from "@nightlight/core"
import { fromHex } from "@nightlight/pdq"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { buildIndex, type EntryHit, type ListIndex, openIndex, removeList, testCardRecords } from "../../src/index.ts"
import { flipBits, hashOf, importRecords, manyRecords, type Workspace, withWorkspace } from "./support.ts"

/** Builds with a delta even over a small base. */
const build = (workspace: Workspace) => buildIndex({ ...workspace, deltaFromEntries: 1 }, workspace.keeper)

/** Builds a whole index in another folder. */
async function withWholeIndex<T>(workspace: Workspace, use: (index: ListIndex) => T): Promise<T> {
  const indexDir = join(workspace.indexDir, "..", "whole")
  await rm(indexDir, { recursive: true, force: true })
  await buildIndex({ ...workspace, indexDir }, workspace.keeper)
  await using index = await openIndex({ indexDir }, workspace.keeper)
  return use(index)
}

const queries = [
  ...["big1", "big2", "big3", "big7", "big199", "new1", "new3", "absent"].flatMap((word) =>
    [0, 9, 31, 32].map((bits) =>
      flipBits(
        hashOf("pdq", word),
        Array.from({ length: bits }, (_, i) => 8 * i),
      ),
    ),
  ),
  ...testCardRecords().flatMap(({ hashType, hash }) => (hashType === "pdq" ? [hash] : [])),
]

/** An index's answers to all queries, as text, in order. */
function answersOf(index: ListIndex): string[] {
  const tell = (hit: EntryHit) =>
    `${hit.list.name} ${hit.list.snapshot} ${hit.entry} ${hit.entryId} ${hit.distanceBits}`
  const near = index.matchPdq(Buffer.concat(queries.map(fromHex))).map((hit) => `${hit.query} ${tell(hit)}`)
  const exact = ["big0", "big4", "big8", "new0", "new1", "new2", "absent"].flatMap((word) =>
    index
      .matchDigests({ md5: hashOf("md5", word), sha1: hashOf("sha1", word), sha256: hashOf("sha256", word) })
      .map((hit) => `${word} ${tell(hit)} ${index.entryHash(hit)}`),
  )
  return [...near, ...exact]
}

async function expectSameAsWhole(workspace: Workspace): Promise<void> {
  await using index = await openIndex(workspace, workspace.keeper)
  const whole = await withWholeIndex(workspace, answersOf)
  expect(whole.length).toBeGreaterThan(4)
  expect(answersOf(index)).toEqual(whole)
}

const folderOf = ({ indexDir }: Workspace, version: number) => join(indexDir, `v${String(version).padStart(6, "0")}`)
const hasDelta = async (workspace: Workspace, version: number) =>
  (await readdir(folderOf(workspace, version))).includes("delta.image")

/** Runs with an index of one large list and a small one added as a delta. */
async function withDelta<T>(use: (workspace: Workspace) => Promise<T>): Promise<T> {
  return withWorkspace(async (workspace) => {
    await importRecords(workspace, "m-large", manyRecords(400, "big"))
    await build(workspace)
    await importRecords(workspace, "a-small", [...manyRecords(16, "new"), ...manyRecords(8, "big")])
    expect(await build(workspace)).toMatchObject({ version: 2, changed: true })
    expect(await hasDelta(workspace, 2)).toBe(true)
    return use(workspace)
  })
}

describe("an index with a delta", () => {
  it("answers like a whole index after a small list was added, changed and removed", async () => {
    await withDelta(async (workspace) => {
      await expectSameAsWhole(workspace)
      await importRecords(workspace, "a-small", manyRecords(12, "new"))
      await importRecords(workspace, "z-other", manyRecords(20, "big"))
      await build(workspace)
      expect(await hasDelta(workspace, 3)).toBe(true)
      await expectSameAsWhole(workspace)
      await removeList({ ...workspace, name: "a-small" }, workspace.keeper)
      await build(workspace)
      await expectSameAsWhole(workspace)
    })
  })

  it("answers like a whole index on random lists", { timeout: 3 * MINUTE_MS }, async () => {
    const word = fc.integer({ min: 0, max: 30 })
    const small = fc.array(fc.tuple(fc.constantFrom("big", "new"), word), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(small, fc.constantFrom("a", "z"), async (words, name) => {
        await withWorkspace(async (workspace) => {
          await importRecords(workspace, "m-large", manyRecords(200, "big"))
          await build(workspace)
          const records = words.flatMap(([kind, n]): HashRecord[] => [
            { hashType: "pdq", hash: flipBits(hashOf("pdq", `${kind}${n}`), [n]), category: "A1" },
          ])
          await importRecords(workspace, name, records, { radiusBits: 20 })
          await build(workspace)
          expect(await hasDelta(workspace, 2)).toBe(true)
          await expectSameAsWhole(workspace)
        })
      }),
      { numRuns: 5 },
    )
  })

  it("shares the files of its base with the previous index", async () => {
    await withDelta(async (workspace) => {
      const inodes = [1, 2].map(async (version) => (await stat(join(folderOf(workspace, version), "pdq.image"))).ino)
      const [before, after] = await Promise.all(inodes)
      expect(after).toBe(before)
    })
  })

  it.each([
    [
      "a list of the base changes",
      (workspace: Workspace) => importRecords(workspace, "m-large", manyRecords(401, "big")),
    ],
    ["the delta grows past an eighth", (workspace: Workspace) => importRecords(workspace, "b", manyRecords(60, "new"))],
    [
      "the base's image is gone",
      async (workspace: Workspace) => {
        await rm(join(folderOf(workspace, 2), "pdq.image"))
        await importRecords(workspace, "b", manyRecords(4, "new"))
      },
    ],
  ])("is built whole again when %s", async (_, change) => {
    await withDelta(async (workspace) => {
      await change(workspace)
      expect(await build(workspace)).toMatchObject({ version: 3, changed: true })
      expect(await hasDelta(workspace, 3)).toBe(false)
      await expectSameAsWhole(workspace)
    })
  })

  it("is refused when its base's image is altered", async () => {
    await withDelta(async (workspace) => {
      const path = join(folderOf(workspace, 2), "pdq.image")
      const bytes = await readFile(path)
      bytes[5_000]! ^= 1
      await writeFile(path, bytes)
      await expect(openIndex(workspace, workspace.keeper)).rejects.toMatchObject({ code: "index_untrusted" })
    })
  })

  it("is refused when any bit of any other file is flipped", async () => {
    await withDelta(async (workspace) => {
      const indexDir = join(workspace.indexDir, "..", "copy")
      await cp(folderOf(workspace, 2), join(indexDir, "v000002"), { recursive: true })
      const files = (await readdir(indexDir, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        // An image that was opened once is taken from memory, not from its file.
        .filter((path) => !path.endsWith("pdq.image"))
      expect(files).toHaveLength(13)
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...files), fc.nat(), fc.nat(7), async (path, position, bit) => {
          const bytes = await readFile(path)
          const altered = Buffer.from(bytes)
          altered[position % bytes.length]! ^= 1 << bit
          await writeFile(path, altered)
          const opening = openIndex({ indexDir }, workspace.keeper)
          await expect(opening).rejects.toMatchObject({ code: "index_untrusted" })
          await writeFile(path, bytes)
        }),
        { numRuns: 60 },
      )
    })
  })
})
