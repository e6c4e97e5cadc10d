import { expect, it } from "vitest"
import { alikeOf, inNearOrder } from "../src/screens/cases/near.ts"
import type { Find } from "../src/screens/cases/queries.ts"

// What is asked of an item here is its id and its place alone.
const finds = ["find-a", "find-b", "find-c"].map((findId, position) => ({ findId, position }) as Find)
const near = {
  order: ["find-a", "find-c", "find-b"],
  near: [
    {
      findId: "find-a",
      alike: [
        { caseId: "case-1", findId: "find-c" },
        { caseId: "case-2", findId: "find-x" },
        { caseId: "case-2", findId: "find-y" },
      ],
    },
    { findId: "find-c", alike: [{ caseId: "case-1", findId: "find-a" }] },
  ],
}

it("sets items that look alike beside each other, and keeps the order of attachment until it is known which do", () => {
  expect(inNearOrder(finds, near).map(({ findId }) => findId)).toEqual(near.order)
  expect(inNearOrder(finds, undefined)).toEqual(finds)
})

it("names what each looks like: items of this case by their place, other cases once", () => {
  const alike = alikeOf("case-1", finds, near)
  expect(alike.get("find-a")).toEqual({ positions: [2], cases: ["case-2"] })
  expect(alike.get("find-c")).toEqual({ positions: [0], cases: [] })
  expect(alike.get("find-b")).toBeUndefined()
})
