import { expect, it } from "vitest"
import { alikeOf, inNearOrder } from "../src/screens/cases/near.ts"
import type { CaseItem } from "../src/screens/cases/queries.ts"

// Only the id and position of an item matter here.
const caseItems = ["item-a", "item-b", "item-c"].map((itemId, position) => ({ itemId, position }) as CaseItem)
const near = {
  order: ["item-a", "item-c", "item-b"],
  near: [
    {
      itemId: "item-a",
      alike: [
        { caseId: "case-1", itemId: "item-c" },
        { caseId: "case-2", itemId: "item-x" },
        { caseId: "case-2", itemId: "item-y" },
      ],
    },
    { itemId: "item-c", alike: [{ caseId: "case-1", itemId: "item-a" }] },
  ],
}

it("similar items are listed next to each other; until similarity is known, items keep their order of attachment", () => {
  expect(inNearOrder(caseItems, near).map(({ itemId }) => itemId)).toEqual(near.order)
  expect(inNearOrder(caseItems, undefined)).toEqual(caseItems)
})

it("each item names similar items of its case by position, and each other case once", () => {
  const alike = alikeOf("case-1", caseItems, near)
  expect(alike.get("item-a")).toEqual({ positions: [2], cases: ["case-2"] })
  expect(alike.get("item-c")).toEqual({ positions: [0], cases: [] })
  expect(alike.get("item-b")).toBeUndefined()
})
