import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { countAsTwo } from "../../src/people/ties.ts"
import type { Tie, TieKind } from "../../src/people/types.ts"

const PEOPLE = ["a", "b", "c", "d", "e"] as const
const person = fc.constantFrom(...PEOPLE)
const tie: fc.Arbitrary<Tie> = fc.record({
  by: person,
  person,
  kind: fc.constantFrom<TieKind>("made", "granted", "reset"),
})
const history = fc.array(tie, { maxLength: 12 })

describe("countAsTwo", () => {
  it("never counts one person as two", () => {
    fc.assert(fc.property(person, history, (one, ties) => !countAsTwo(one, one, ties)))
  })

  it("is the same whichever of the two is first", () => {
    fc.assert(
      fc.property(person, person, history, (one, other, ties) => {
        expect(countAsTwo(one, other, ties)).toBe(countAsTwo(other, one, ties))
      }),
    )
  })

  it("refuses exactly those that a tie joins, whatever else happened", () => {
    fc.assert(
      fc.property(person, person, history, (one, other, ties) => {
        const joined = ties.some(({ by, person }) => new Set([by, person, one, other]).size === 2 && by !== person)
        expect(countAsTwo(one, other, ties)).toBe(one !== other && !joined)
      }),
    )
  })

  it("never allows later what a history refused: nothing that happens makes two of a person and their maker", () => {
    fc.assert(
      fc.property(person, person, history, history, (one, other, before, after) => {
        if (!countAsTwo(one, other, before)) expect(countAsTwo(one, other, [...before, ...after])).toBe(false)
      }),
    )
  })
})
