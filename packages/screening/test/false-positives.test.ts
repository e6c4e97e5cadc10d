import { describe, expect, it } from "vitest"
import { createFalsePositiveList, type FalsePositive } from "../src/index.ts"
import { pdqOf } from "./support/builders.ts"

const pair = (seed: string, changes: Partial<FalsePositive> = {}): FalsePositive => ({
  list: "a-list",
  entryHash: pdqOf(`entry ${seed}`),
  sha256: pdqOf(`item ${seed}`),
  ...changes,
})

describe("a list of false positives", () => {
  it("contains its pairs and no others", () => {
    const list = createFalsePositiveList([pair("a"), pair("b")])
    expect(list.size).toBe(2)
    expect(list.has(pair("a"))).toBe(true)
    expect(list.hasItem(pair("a").sha256)).toBe(true)
    expect(list.has(pair("a", { list: "b-list" }))).toBe(false)
    expect(list.has({ ...pair("a"), sha256: pair("b").sha256 })).toBe(false)
    expect(list.has(pair("c"))).toBe(false)
    expect(list.hasItem(pair("c").sha256)).toBe(false)
  })

  it("gives its records once each and in one order, whatever order they were added in", () => {
    const pairs = [pair("a"), pair("b"), pair("a", { list: "0-list" }), pair("c")]
    const list = createFalsePositiveList([...pairs, ...pairs])
    expect(list.records()).toEqual(createFalsePositiveList(pairs.toReversed()).records())
    expect(list.size).toBe(4)
    expect(createFalsePositiveList(list.records()).records()).toEqual(list.records())
  })

  it("is not changed when a pair is added or removed", () => {
    const list = createFalsePositiveList([pair("a")])
    const more = list.withAdded(pair("b"))
    const less = more.withRemoved(pair("a"))
    expect([list.size, more.size, less.size]).toEqual([1, 2, 1])
    expect(less.has(pair("a"))).toBe(false)
    expect(less.has(pair("b"))).toBe(true)
    expect(list.withRemoved(pair("never added")).records()).toEqual(list.records())
  })

  it.each([
    ["an empty list name", { list: "" }],
    ["an upper-case hash", { entryHash: "A".repeat(64) }],
    ["a SHA-1 as the entry's hash", { entryHash: "a".repeat(40) }],
    ["a short digest", { sha256: "a".repeat(63) }],
    ["no digest", { sha256: undefined as unknown as string }],
  ])("refuses %s, and names the record without its content", (_, changes) => {
    const bad = () => createFalsePositiveList([pair("a"), pair("b", changes)])
    expect(bad).toThrow(expect.objectContaining({ code: "input_invalid", details: { record: 2 } }))
    expect(bad).not.toThrow(/a{20}/i)
  })
})
