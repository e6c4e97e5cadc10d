import { describe, expect, it } from "vitest"
import { createFloodWatch, FLOOD_LIMIT } from "../src/index.ts"
import { aMatch } from "./support/builders.ts"

describe("the flood watch", () => {
  it("reports an entry once, when it has matched more than 20 distinct items", () => {
    const watch = createFloodWatch()
    for (let item = 0; item < FLOOD_LIMIT; item++) expect(watch.record(`item-${item}`, [aMatch()])).toEqual([])
    expect(watch.flooding()).toEqual([])
    expect(watch.record("item-20", [aMatch({ entryId: "id-1" })])).toEqual([
      { list: "a-list", entry: 0, snapshot: 1, entryId: "id-1" },
    ])
    expect(watch.record("item-21", [aMatch()])).toEqual([])
    expect(watch.flooding()).toHaveLength(1)
  })

  it("counts copies of one item once", () => {
    const watch = createFloodWatch(1)
    for (let copy = 0; copy < 50; copy++) watch.record("one item", [aMatch(), aMatch({ hashType: "md5" })])
    expect(watch.flooding()).toEqual([])
  })

  it("keeps entries, lists and snapshots apart", () => {
    const watch = createFloodWatch(1)
    watch.record("a", [aMatch(), aMatch({ entry: 1 }), aMatch({ list: "b-list" }), aMatch({ snapshot: 2 })])
    expect(watch.record("b", [aMatch({ entry: 1 })])).toEqual([{ list: "a-list", entry: 1, snapshot: 1 }])
    expect(watch.flooding()).toEqual([{ list: "a-list", entry: 1, snapshot: 1 }])
  })

  it("lists flooding entries by list and entry", () => {
    const watch = createFloodWatch(0)
    watch.record("a", [aMatch({ list: "b" }), aMatch({ list: "a", entry: 10 }), aMatch({ list: "a", entry: 9 })])
    expect(watch.flooding().map(({ list, entry }) => `${list} ${entry}`)).toEqual(["a 9", "a 10", "b 0"])
  })
})
