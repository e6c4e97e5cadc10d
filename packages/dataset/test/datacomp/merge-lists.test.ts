import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { mergeLists } from "../../src/datacomp/merge-lists.ts"
import { UID_WORDS } from "../../src/datacomp/uid.ts"
import { MemoryCursor } from "../../src/datacomp/uid-cursor.ts"
import type { SortedUids } from "../../src/datacomp/uid-sorter.ts"

const folder = mkdtempSync(join(tmpdir(), "merge-lists-"))
afterAll(() => rmSync(folder, { recursive: true }))

const COUNT = 2 ** 18

/** Ids in ascending order, all of them equal or none. */
function sortedUids(count: number, isRepeated: boolean): SortedUids {
  const words = new Uint32Array(count * UID_WORDS)
  if (!isRepeated) for (let id = 0; id < count; id++) words.fill(id, id * UID_WORDS, (id + 1) * UID_WORDS)
  return { cursor: new MemoryCursor(words, count), count, [Symbol.dispose]: () => {} }
}

describe("merging a pool's ids", () => {
  it.each([
    ["different ids", false, undefined],
    ["rows of one id", true, undefined],
    ["ids of a subset that no row has", false, true],
  ])("lets other work run between %s, and stops when it is aborted", async (_, isRepeated, hasSubset) => {
    const places = { keep: join(folder, "keep.npy"), removed: join(folder, "removed.npy") }
    const stop = new AbortController()
    const removed = sortedUids(0, false)
    const pool =
      hasSubset === true
        ? { kept: sortedUids(1, false), removed, subset: sortedUids(COUNT, false) }
        : { kept: sortedUids(COUNT, isRepeated), removed }
    const merging = mergeLists(pool, places, stop.signal)
    setImmediate(() => stop.abort(new Error("stopped")))
    await expect(merging).rejects.toThrow("stopped")
    expect(existsSync(places.keep)).toBe(false)
  })

  it("counts rows that repeat an id, however many there are", async () => {
    const places = { keep: join(folder, "whole.npy"), removed: join(folder, "none.npy") }
    const pool = { kept: sortedUids(COUNT, true), removed: sortedUids(0, false) }
    expect(await mergeLists(pool, places, new AbortController().signal)).toEqual({
      kept: 1,
      removed: 0,
      repeated: COUNT - 1,
    })
  })
})
