import type { HashRecord } from "@nightlight/core"
import { MINUTE_MS } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { diffSnapshots, openSnapshot } from "../../src/index.ts"
import { anyRecord, importRecords, withWorkspace } from "./support.ts"

/** The changes between two lists, as `change type hash category`. */
async function changes(before: readonly HashRecord[] | undefined, after: readonly HashRecord[]): Promise<string[]> {
  return withWorkspace(async (workspace) => {
    const { listsDir, keeper } = workspace
    const open = (version: number) => openSnapshot({ listsDir, name: "a", version }, keeper.verifier)
    if (before !== undefined) await importRecords(workspace, "a", before, { acceptShrink: true })
    const again = await importRecords(workspace, "a", after, { acceptShrink: true })
    await using older = before === undefined ? undefined : await open(1)
    await using newer = await open(again.version)
    return [...diffSnapshots(older, newer)].map(({ change, hashType, hash, entry }) => {
      const holder = change === "added" ? newer : older
      const read = holder?.entries.entryAt(entry)
      expect([read?.hashType, read?.hash]).toEqual([hashType, Buffer.from(hash).toString("hex")])
      return `${change} ${hashType} ${read?.hash} ${read?.category}`
    })
  })
}

function lines(change: string, records: readonly HashRecord[], without: readonly HashRecord[]): string[] {
  const known = new Set(without.map(({ hashType, hash }) => `${hashType} ${hash}`))
  return records
    .filter(({ hashType, hash }) => !known.has(`${hashType} ${hash}`))
    .map(({ hashType, hash, category }) => `${change} ${hashType} ${hash} ${category}`)
}

describe("diffSnapshots", () => {
  it("yields every entry whose hash is missing in the other snapshot", { timeout: 3 * MINUTE_MS }, async () => {
    const list = fc.array(anyRecord(), { maxLength: 15 })
    await fc.assert(
      fc.asyncProperty(list, list, async (before, after) => {
        const expected = new Set([...lines("withdrawn", before, after), ...lines("added", after, before)])
        expect((await changes(before, after)).sort()).toEqual([...expected].sort())
      }),
      { numRuns: 10 },
    )
  })

  it("yields every entry as added when there is no older snapshot", async () => {
    const [first, second] = fc.sample(anyRecord(), 2)
    const records = [first!, { ...second!, category: "other" }]
    expect((await changes(undefined, records)).sort()).toEqual([...new Set(lines("added", records, []))].sort())
  })
})
