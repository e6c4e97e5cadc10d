import { DAY_MS } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { areIndependent, COMMON_MAKER_DAYS } from "../../../src/staff/people/independence.ts"
import type { PersonRelation, RelationKind } from "../../../src/staff/people/types.ts"

const NOW = new Date("2026-12-01T12:00:00Z")
const ago = (days: number) => new Date(NOW.getTime() - days * DAY_MS)
const related = (by: string, kind: RelationKind, person: string, days = 1): PersonRelation => ({
  by,
  kind,
  person,
  at: ago(days),
})
const independent = (first: string, second: string, ...relations: readonly PersonRelation[]) =>
  areIndependent(first, second, relations, NOW)

const PEOPLE = ["a", "b", "c", "d", "e"] as const
const person = fc.constantFrom(...PEOPLE)
const relation: fc.Arbitrary<PersonRelation> = fc.record({
  by: person,
  person,
  kind: fc.constantFrom<RelationKind>("made", "granted", "reset"),
  at: fc.integer({ min: 0, max: 2 * COMMON_MAKER_DAYS }).map(ago),
})
const history = fc.array(relation, { maxLength: 12 })

describe("whether two people are independent", () => {
  it("never counts one person as two", () => {
    fc.assert(fc.property(person, history, (one, relations) => !areIndependent(one, one, relations, NOW)))
  })

  it("is the same whichever of the two is first, and whatever the order of their history", () => {
    fc.assert(
      fc.property(person, person, history, (one, other, relations) => {
        expect(areIndependent(one, other, relations, NOW)).toBe(areIndependent(other, one, relations.toReversed(), NOW))
      }),
    )
  })

  it("never counts a person and somebody who made, granted a role to or reset them, however long ago", () => {
    fc.assert(
      fc.property(person, person, history, relation, (one, other, relations, between) => {
        const all = [...relations, { ...between, by: one, person: other, at: ago(3650) }]
        expect(areIndependent(one, other, all, NOW)).toBe(false)
      }),
    )
  })

  it("never counts later what a history refused, as long as the clock stands still", () => {
    fc.assert(
      fc.property(person, person, history, history, (one, other, before, after) => {
        if (!areIndependent(one, other, before, NOW))
          expect(areIndependent(one, other, [...before, ...after], NOW)).toBe(false)
      }),
    )
  })

  it("does not count two whom a third invited or reset within 90 days", () => {
    for (const kind of ["made", "reset"] as const) {
      expect(independent("c", "d", related("a", "made", "c"), related("a", kind, "d"))).toBe(false)
      expect(independent("c", "d", related("a", kind, "c", 89), related("a", "reset", "d", 2))).toBe(false)
    }
  })

  it("counts them once either relation is 90 days old, and ignores no relation dated in the future", () => {
    expect(independent("c", "d", related("a", "made", "c", COMMON_MAKER_DAYS), related("a", "made", "d"))).toBe(true)
    expect(independent("c", "d", related("a", "made", "c", -400), related("a", "made", "d", -1))).toBe(false)
  })

  it("does not count two whom a third made through people of their own making", () => {
    const through = [related("a", "made", "x"), related("x", "made", "c"), related("a", "made", "d")]
    expect(independent("c", "d", ...through)).toBe(false)
    expect(independent("c", "d", ...through, related("x", "made", "y"), related("y", "reset", "d"))).toBe(false)
    expect(independent("x", "d", ...through)).toBe(false)
    expect(independent("a", "c", ...through)).toBe(false)
  })

  it("counts two who were invited by one each of two independent people, whoever granted their roles", () => {
    const granted = ["a", "b"].flatMap((by) => ["c", "d"].map((person) => related(by, "granted", person)))
    expect(independent("c", "d", related("a", "made", "c"), related("b", "made", "d"), ...granted)).toBe(true)
  })
})
