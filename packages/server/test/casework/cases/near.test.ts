import fc from "fast-check"
import { expect, it } from "vitest"
import { type ComparedItem, nearItems, pdqHashesOf } from "../../../src/casework/cases/items/near.ts"
import type { ItemId } from "../../../src/casework/cases/types.ts"

const ZERO = new Uint8Array(32)

function withBits(count: number): string {
  const hash = Uint8Array.from(ZERO)
  for (let bit = 0; bit < count; bit++) hash[bit % 32]! |= 1 << Math.floor(bit / 32)
  return Buffer.from(hash).toString("hex")
}

function find(id: string, pdq: string, caseId = "case-1", quality = 100): ComparedItem {
  const found = { fingerprint: { picture: { views: [{ pdq, quality }] } } }
  return { caseId, itemId: id as ItemId, context: { found, matches: [] } }
}

it("orders pictures within 31 bits next to each other and leaves the rest in order of attachment", () => {
  const caseItems = [find("item-a", withBits(0)), find("item-b", withBits(200)), find("item-c", withBits(31))]
  expect(nearItems("case-1", caseItems)).toEqual({
    order: ["item-a", "item-c", "item-b"],
    near: [
      { itemId: "item-a", alike: [{ caseId: "case-1", itemId: "item-c" }] },
      { itemId: "item-c", alike: [{ caseId: "case-1", itemId: "item-a" }] },
    ],
  })
})

it("does not match at 32 bits, nor a picture of low quality", () => {
  const caseItems = [
    find("item-a", withBits(0)),
    find("item-b", withBits(32)),
    find("item-c", withBits(0), "case-1", 49),
  ]
  expect(nearItems("case-1", caseItems)).toEqual({ order: ["item-a", "item-b", "item-c"], near: [] })
})

it("names an item of another case as alike without placing it in this one's order", () => {
  const caseItems = [find("item-a", withBits(0)), find("item-x", withBits(1), "case-2")]
  expect(nearItems("case-1", caseItems)).toEqual({
    order: ["item-a"],
    near: [{ itemId: "item-a", alike: [{ caseId: "case-2", itemId: "item-x" }] }],
  })
})

it("orders each item of the case once, whatever looks like whatever", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 12 }), (bits) => {
      const caseItems = bits.map((count, index) => find(`item-${index}`, withBits(count)))
      const { order } = nearItems("case-1", caseItems)
      expect(order.toSorted()).toEqual(caseItems.map(({ itemId }) => itemId).toSorted())
    }),
  )
})

it("finds no hash in a context that holds no fingerprint, or a strange one", () => {
  for (const found of [null, "text", {}, { fingerprint: { picture: { views: [{ pdq: "zz", quality: 100 }, 7] } } }]) {
    expect(pdqHashesOf({ found, matches: [] })).toEqual([])
  }
})
