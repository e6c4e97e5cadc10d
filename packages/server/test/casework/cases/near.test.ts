import fc from "fast-check"
import { expect, it } from "vitest"
import { type ComparedFind, nearFinds, pdqHashesOf } from "../../../src/casework/cases/near.ts"
import type { FindId } from "../../../src/casework/cases/types.ts"

const ZERO = new Uint8Array(32)

function withBits(count: number): string {
  const hash = Uint8Array.from(ZERO)
  for (let bit = 0; bit < count; bit++) hash[bit % 32]! |= 1 << Math.floor(bit / 32)
  return Buffer.from(hash).toString("hex")
}

function find(id: string, pdq: string, caseId = "case-1", quality = 100): ComparedFind {
  const found = { fingerprint: { picture: { views: [{ pdq, quality }] } } }
  return { caseId, findId: id as FindId, context: { found, matches: [] } }
}

it("sets pictures within 31 bits beside each other and leaves the rest in order of attachment", () => {
  const finds = [find("find-a", withBits(0)), find("find-b", withBits(200)), find("find-c", withBits(31))]
  expect(nearFinds("case-1", finds)).toEqual({
    order: ["find-a", "find-c", "find-b"],
    near: [
      { findId: "find-a", alike: [{ caseId: "case-1", findId: "find-c" }] },
      { findId: "find-c", alike: [{ caseId: "case-1", findId: "find-a" }] },
    ],
  })
})

it("does not take 32 bits, nor a picture of low quality, for the same", () => {
  const finds = [find("find-a", withBits(0)), find("find-b", withBits(32)), find("find-c", withBits(0), "case-1", 49)]
  expect(nearFinds("case-1", finds)).toEqual({ order: ["find-a", "find-b", "find-c"], near: [] })
})

it("names a find of another case as alike without placing it in this one's order", () => {
  const finds = [find("find-a", withBits(0)), find("find-x", withBits(1), "case-2")]
  expect(nearFinds("case-1", finds)).toEqual({
    order: ["find-a"],
    near: [{ findId: "find-a", alike: [{ caseId: "case-2", findId: "find-x" }] }],
  })
})

it("orders each find of the case once, whatever looks like whatever", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 12 }), (bits) => {
      const finds = bits.map((count, at) => find(`find-${at}`, withBits(count)))
      const { order } = nearFinds("case-1", finds)
      expect(order.toSorted()).toEqual(finds.map(({ findId }) => findId).toSorted())
    }),
  )
})

it("finds no hash in a context that holds no fingerprint, or a strange one", () => {
  for (const found of [null, "text", {}, { fingerprint: { picture: { views: [{ pdq: "zz", quality: 100 }, 7] } } }]) {
    expect(pdqHashesOf({ found, matches: [] })).toEqual([])
  }
})
