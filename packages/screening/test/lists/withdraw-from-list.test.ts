import type { HashRecord, ListItem } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  addToList,
  buildIndex,
  diffSnapshots,
  openIndex,
  openSnapshot,
  showList,
  withdrawFromList,
} from "../../src/index.ts"
import { importRecords, itemsOf, manyRecords, recordOf, type Workspace, withWorkspace } from "./support.ts"

function withdraw({ listsDir, keeper }: Workspace, records: Iterable<HashRecord>, more: object = {}) {
  return withdrawFromList({ listsDir, name: "a", items: itemsOf(records), ...more }, keeper)
}

function add({ listsDir, keeper }: Workspace, records: Iterable<HashRecord>) {
  return addToList({ listsDir, name: "a", items: itemsOf(records) }, keeper)
}

/** Every entry of a list with its category and id, sorted. */
async function entriesOf({ listsDir, keeper }: Workspace, name: string): Promise<readonly string[]> {
  await using opened = await openSnapshot({ listsDir, name }, keeper.verifier)
  const changes = [...diffSnapshots(undefined, opened)]
  return changes.map(({ entry }) => JSON.stringify(opened.entries.entryAt(entry))).sort()
}

describe("withdrawing from a list", () => {
  it("gives the list that importing the rest gives, however the entries came", async () => {
    const record = fc
      .record({
        type: fc.constantFrom("md5", "sha1", "sha256", "pdq", "url" as const),
        word: fc.integer({ min: 0, max: 12 }).map(String),
        category: fc.constantFrom("A", "B"),
      })
      .map(({ type, word, category }) => recordOf(type, word, { category, id: `${category}${word}` }))
    const parts = fc.array(fc.array(record, { maxLength: 8 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(parts, fc.array(record, { minLength: 1, maxLength: 12 }), async (added, gone) => {
        await withWorkspace(async (workspace) => {
          const all = [recordOf("md5", "stays"), ...added.flat()]
          const [first = [], ...later] = added
          await importRecords(workspace, "a", [recordOf("md5", "stays"), ...first])
          for (const part of later) await add(workspace, part)
          const isGone = ({ hashType, hash }: HashRecord) =>
            gone.some((other) => other.hashType === hashType && other.hash === hash)
          const rest = all.filter((one) => !isGone(one))
          const summary = await withdraw(workspace, gone, { acceptShrink: true })
          await importRecords(workspace, "rest", rest)
          expect(await entriesOf(workspace, "a")).toEqual(await entriesOf(workspace, "rest"))
          const keyOf = ({ hashType, hash, category }: HashRecord) => `${hashType} ${hash} ${category}`
          expect(summary.withdrawn).toBe(new Set(all.filter(isGone).map(keyOf)).size)
          await buildIndex(workspace, workspace.keeper)
          await using index = await openIndex(workspace, workspace.keeper)
          for (const { hashType, hash } of all) {
            const hits =
              hashType === "pdq" ? index.matchPdq(Buffer.from(hash, "hex")) : index.matchDigests({ [hashType]: hash })
            const own = hits.filter((hit) => hit.list.name === "a" && index.entryHash(hit) === hash)
            expect(own.length > 0).toBe(rest.some((one) => one.hashType === hashType && one.hash === hash))
          }
        })
      }),
      { numRuns: 8 },
    )
  })

  it("keeps trust, radius and terms, and says when the source dated it", async () => {
    await withWorkspace(async (workspace) => {
      await importRecords(workspace, "a", manyRecords(40), { trust: "trusted", radiusBits: 11, terms: "t" })
      const summary = await withdraw(workspace, [...manyRecords(4), recordOf("md5", "unknown")], { asOf: "2026-02-02" })
      expect(summary).toMatchObject({ version: 2, changed: true, withdrawn: 4, absent: 1 })
      const { listsDir, keeper } = workspace
      expect(await showList({ listsDir, name: "a" }, keeper.verifier)).toMatchObject({
        trust: "trusted",
        radiusBits: 11,
        terms: "t",
        asOf: "2026-02-02",
        counts: { pdq: 9, md5: 9, sha256: 9, sha1: 9 },
      })
    })
  })

  it("leaves the files of segments that lose nothing as they are", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      await importRecords(workspace, "a", manyRecords(40))
      await add(workspace, manyRecords(8, "second"))
      await add(workspace, manyRecords(8, "third"))
      await withdraw(workspace, manyRecords(3, "second"))
      const { segments } = await showList({ listsDir, name: "a" }, keeper.verifier)
      expect(segments.map(({ version }) => version)).toEqual([1, 3, 4])
      await withdraw(workspace, manyRecords(3))
      const joined = await showList({ listsDir, name: "a" }, keeper.verifier)
      expect(joined.segments.map(({ version }) => version)).toEqual([5])
      await expect(entriesOf(workspace, "a")).resolves.toHaveLength(50)
    })
  })

  it("withdraws a hash under every category, whatever the file says of it", async () => {
    await withWorkspace(async (workspace) => {
      const twice = ["A1", "B2"].map((category) => recordOf("pdq", "both", { category }))
      await importRecords(workspace, "a", [...manyRecords(8), ...twice])
      const gone = [recordOf("pdq", "both", { category: "another" }), recordOf("pdq", "both")]
      expect(await withdraw(workspace, gone)).toMatchObject({ withdrawn: 2, absent: 0 })
    })
  })

  it("tells a hunt what was withdrawn, and nothing else", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      await importRecords(workspace, "a", manyRecords(40))
      await add(workspace, manyRecords(8, "second"))
      const gone = [...manyRecords(2), ...manyRecords(2, "second")]
      await withdraw(workspace, gone)
      await using older = await openSnapshot({ listsDir, name: "a", version: 2 }, keeper.verifier)
      await using newer = await openSnapshot({ listsDir, name: "a" }, keeper.verifier)
      const changes = [...diffSnapshots(older, newer)]
      expect(new Set(changes.map(({ change, hash }) => `${change} ${Buffer.from(hash).toString("hex")}`))).toEqual(
        new Set(gone.map(({ hash }) => `withdrawn ${hash}`)),
      )
    })
  })

  it("changes nothing on a dry run, and nothing where the list has none of the hashes", async () => {
    await withWorkspace(async (workspace) => {
      await importRecords(workspace, "a", manyRecords(8))
      const dry = await withdraw(workspace, manyRecords(3), { dryRun: true })
      expect(dry).toMatchObject({ version: 1, changed: false, withdrawn: 3, absent: 0 })
      const none = await withdraw(workspace, manyRecords(3, "other"))
      expect(none).toMatchObject({ version: 1, changed: false, withdrawn: 0, absent: 3 })
      await expect(entriesOf(workspace, "a")).resolves.toHaveLength(8)
    })
  })

  it("refuses to leave less than half of a list, unless that is accepted", async () => {
    await withWorkspace(async (workspace) => {
      await importRecords(workspace, "a", manyRecords(8))
      await expect(withdraw(workspace, manyRecords(5))).rejects.toMatchObject({ code: "state_conflict" })
      await expect(withdraw(workspace, manyRecords(8))).rejects.toMatchObject({ code: "state_conflict" })
      await expect(entriesOf(workspace, "a")).resolves.toHaveLength(8)
      expect(await withdraw(workspace, manyRecords(8), { acceptShrink: true })).toMatchObject({ withdrawn: 8 })
      await expect(entriesOf(workspace, "a")).resolves.toEqual([])
    })
  })

  it("refuses a file without an entry or with unreadable hashes, a list that is not there, and the test cards", async () => {
    await withWorkspace(async (workspace) => {
      await expect(withdraw(workspace, manyRecords(4))).rejects.toMatchObject({ code: "list_unknown" })
      await importRecords(workspace, "a", manyRecords(8))
      await expect(withdraw(workspace, [])).rejects.toMatchObject({ code: "list_malformed" })
      async function* halfRead(): AsyncGenerator<ListItem, void> {
        yield { ok: true, line: 1, record: recordOf("md5", "r1") }
        yield { ok: false, bad: { line: 2, reason: "hash_malformed", hashType: "pdq" } }
      }
      const { listsDir, keeper } = workspace
      const half = { listsDir, name: "a", items: halfRead() }
      await expect(withdrawFromList(half, keeper)).rejects.toMatchObject({ code: "list_malformed" })
      const cards = { listsDir, name: "nightlight-test-cards", items: itemsOf(manyRecords(1)) }
      await expect(withdrawFromList(cards, keeper)).rejects.toMatchObject({ code: "input_invalid" })
    })
  })
})
