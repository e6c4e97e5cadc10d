import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { groupingOf, strengthOf } from "../../../src/casework/cases/state/grouping.ts"
import type { ItemOrigin } from "../../../src/casework/cases/types.ts"
import { aMatch, anItem, inDataset } from "./builders.ts"

const key = fc.constantFrom("a", "b", "c")
const origin: fc.Arbitrary<ItemOrigin> = fc.oneof(
  fc.record({ datasetKey: key, hostKey: fc.option(key, { nil: undefined }) }).map(inDataset),
  key.map((accountKey) => ({ kind: "account" as const, accountKey })),
  fc.constant({ kind: "direct" as const }),
)
const source = fc.constantFrom("source-1", "source-2")

describe("groupingOf", () => {
  it("puts two items in one group exactly if kind, source, and account or dataset and host are the same", () => {
    fc.assert(
      fc.property(source, origin, source, origin, (sourceA, a, sourceB, b) => {
        const same =
          sourceA === sourceB &&
          ((a.kind === "account" && b.kind === "account" && a.accountKey === b.accountKey) ||
            (a.kind === "dataset" && b.kind === "dataset" && a.datasetKey === b.datasetKey && a.hostKey === b.hostKey))
        const groups = [anItem({ source: sourceA, origin: a }), anItem({ source: sourceB, origin: b })].map(groupingOf)
        expect(groups[0]!.group === groups[1]!.group).toBe(same)
      }),
    )
  })

  it("ignores scan, shard and place: an item found again in another scan belongs to the same group", () => {
    const place = { datasetKey: "d", hostKey: "h" }
    const [one, other] = [inDataset({ ...place, scan: "scan-1" }), inDataset({ ...place, scan: "scan-2", ordinal: 9 })]
    expect(groupingOf(anItem({ origin: one }))).toEqual(groupingOf(anItem({ origin: other })))
  })

  it("keeps test cards apart from everything else of their origin", () => {
    const account: ItemOrigin = { kind: "account", accountKey: "a" }
    const card = groupingOf(anItem({ origin: account, matches: [aMatch({ trust: "test" })] }))
    expect(card.kind).toBe("test")
    expect(card.group).not.toBe(groupingOf(anItem({ origin: account })).group)
  })

  it("never takes an item with one real match for a test card, whatever its source says", () => {
    const matches = [aMatch({ trust: "test" }), aMatch({ trust: "unverified" })]
    expect(groupingOf(anItem({ matches, testOnly: true })).kind).toBe("direct")
    expect(strengthOf(matches)).toBe("unverified")
  })
})

describe("strengthOf", () => {
  it.each([
    ["sha256", "exact"],
    ["sha1", "exact"],
    ["md5", "near"],
    ["pdq", "near"],
  ] as const)("takes a trusted %s match as %s", (hashType, strength) => {
    expect(strengthOf([aMatch({ hashType })])).toBe(strength)
  })

  it("does not count a digest that the sample only states as exact", () => {
    expect(strengthOf([aMatch({ declared: true })])).toBe("near")
  })

  it("names the strongest of several, and an item without a match other", () => {
    expect(strengthOf([aMatch({ trust: "unverified" }), aMatch(), aMatch({ trust: "test" })])).toBe("exact")
    expect(strengthOf([])).toBe("other")
  })
})
