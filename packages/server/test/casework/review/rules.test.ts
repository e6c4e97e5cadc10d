import { randomBytes } from "node:crypto"
import { toKeyedDigest } from "@nightlight/vault"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { CaseId, ItemId } from "../../../src/casework/cases/types.ts"
import { agreedJudgement, differences, judgementOf } from "../../../src/casework/review/agree.ts"
import { secondReviewReasons } from "../../../src/casework/review/rules.ts"
import type { Decision, JudgedItem } from "../../../src/casework/review/types.ts"
import type { PersonId } from "../../../src/platform/auth/actor.ts"

const digests = toKeyedDigest(randomBytes(32))
const aCase = (caseId: string) => ({ caseId, kind: "direct", strength: "unverified" }) as const

describe("the sample", () => {
  it("is the same however often it is drawn, none at 0, all at 1, and grows with the rate", () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (id, a, b) => {
          const drawn = (rate: number) =>
            secondReviewReasons(aCase(`case-${id}`), "18-usc-2252a", { digests, rate, isRequested: false }).length
          expect(drawn(a)).toBe(drawn(a))
          expect([drawn(0), drawn(1)]).toEqual([0, 1])
          expect(drawn(Math.min(a, b))).toBeLessThanOrEqual(drawn(Math.max(a, b)))
        },
      ),
    )
  })

  it("is about as large as the rate says, and different under another key", () => {
    const ids = Array.from({ length: 4000 }, (_, index) => `case-${index}`)
    const drawnBy = (key: Uint8Array) =>
      ids.filter(
        (id) =>
          secondReviewReasons(aCase(id), "not-violation", {
            digests: toKeyedDigest(key),
            rate: 0.1,
            isRequested: false,
          }).length > 0,
      )
    const [one, other] = [drawnBy(new Uint8Array(32).fill(1)), drawnBy(new Uint8Array(32).fill(2))]
    expect(one.length).toBeGreaterThan(300)
    expect(one.length).toBeLessThan(500)
    expect(one).not.toEqual(other)
  })

  it("contains no test card, unless its reviewer requests it", () => {
    const reasons = (isRequested: boolean) =>
      secondReviewReasons({ ...aCase("case-1"), kind: "test" }, "not-violation", { digests, rate: 1, isRequested })
    expect(reasons(false)).toEqual([])
    expect(reasons(true)).toEqual(["requested"])
  })
})

const ids = ["item-1", "item-2", "item-3"] as ItemId[]
const judged: fc.Arbitrary<JudgedItem> = fc.record({
  itemId: fc.constantFrom(...ids),
  included: fc.boolean(),
  classification: fc.constantFrom("A1" as const, "B2" as const, undefined),
  category: fc.constant(undefined),
  annotations: fc.subarray(["viral", "infant"] as const),
})
const decision: fc.Arbitrary<Decision> = fc
  .record({
    basis: fc.constantFrom("18-usc-2252a" as const, "18-usc-2422b" as const, "not-violation" as const),
    items: fc.uniqueArray(judged, { selector: ({ itemId }) => itemId }),
  })
  .map(({ basis, items: caseItems }) => ({
    decisionId: "decision-1",
    caseId: "case-1" as CaseId,
    stage: "first",
    by: "person-1" as PersonId,
    basis,
    items: caseItems,
    category: undefined,
    danger: false,
    requestsSecondReview: false,
    template: undefined,
    annotations: [],
    givenAt: new Date(0),
  }))

describe("two decisions", () => {
  it("agree with themselves, and differ both ways alike", () => {
    fc.assert(
      fc.property(decision, decision, (a, b) => {
        expect(differences(a, a, ids)).toEqual([])
        expect(differences(a, b, ids)).toEqual(differences(b, a, ids))
      }),
    )
  })

  it("agree whether an item is named or left to the default", () => {
    fc.assert(
      fc.property(decision, (a) => {
        const named = { ...a, items: ids.map((itemId) => judgementOf(a, itemId)) }
        expect(differences(a, named, ids)).toEqual([])
      }),
    )
  })

  it("state about a file only what both stated", () => {
    fc.assert(
      fc.property(judged, judged, (a, b) => {
        const both = a.annotations.filter((each) => b.annotations.includes(each))
        expect([...agreedJudgement(a, b).annotations].toSorted()).toEqual([...both].toSorted())
      }),
    )
  })
})
