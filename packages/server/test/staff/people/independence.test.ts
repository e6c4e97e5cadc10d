import { DAY_MS } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { areIndependent, COMMON_MAKER_DAYS } from "../../../src/staff/people/independence.ts"
import type { Tie, TieKind } from "../../../src/staff/people/types.ts"

const NOW = new Date("2026-12-01T12:00:00Z")
const ago = (days: number) => new Date(NOW.getTime() - days * DAY_MS)
const tied = (by: string, kind: TieKind, person: string, days = 1): Tie => ({ by, kind, person, at: ago(days) })
const independent = (first: string, second: string, ...ties: readonly Tie[]) => areIndependent(first, second, ties, NOW)

const PEOPLE = ["a", "b", "c", "d", "e"] as const
const person = fc.constantFrom(...PEOPLE)
const tie: fc.Arbitrary<Tie> = fc.record({
  by: person,
  person,
  kind: fc.constantFrom<TieKind>("made", "granted", "reset"),
  at: fc.integer({ min: 0, max: 2 * COMMON_MAKER_DAYS }).map(ago),
})
const history = fc.array(tie, { maxLength: 12 })

describe("whether two people are independent", () => {
  it("never counts one person as two", () => {
    fc.assert(fc.property(person, history, (one, ties) => !areIndependent(one, one, ties, NOW)))
  })

  it("is the same whichever of the two is first, and whatever the order of their history", () => {
    fc.assert(
      fc.property(person, person, history, (one, other, ties) => {
        expect(areIndependent(one, other, ties, NOW)).toBe(areIndependent(other, one, ties.toReversed(), NOW))
      }),
    )
  })

  it("never counts a person and somebody who made, granted a role to or reset them, however long ago", () => {
    fc.assert(
      fc.property(person, person, history, tie, (one, other, ties, between) => {
        const all = [...ties, { ...between, by: one, person: other, at: ago(3650) }]
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
      expect(independent("c", "d", tied("a", "made", "c"), tied("a", kind, "d"))).toBe(false)
      expect(independent("c", "d", tied("a", kind, "c", 89), tied("a", "reset", "d", 2))).toBe(false)
    }
  })

  it("counts them once either tie is 90 days old, and ignores no tie dated in the future", () => {
    expect(independent("c", "d", tied("a", "made", "c", COMMON_MAKER_DAYS), tied("a", "made", "d"))).toBe(true)
    expect(independent("c", "d", tied("a", "made", "c", -400), tied("a", "made", "d", -1))).toBe(false)
  })

  it("does not count two whom a third made through people of their own making", () => {
    const through = [tied("a", "made", "x"), tied("x", "made", "c"), tied("a", "made", "d")]
    expect(independent("c", "d", ...through)).toBe(false)
    expect(independent("c", "d", ...through, tied("x", "made", "y"), tied("y", "reset", "d"))).toBe(false)
    expect(independent("x", "d", ...through)).toBe(false)
    expect(independent("a", "c", ...through)).toBe(false)
  })

  it("counts two who were invited by one each of two independent people, whoever granted their roles", () => {
    const granted = ["a", "b"].flatMap((by) => ["c", "d"].map((person) => tied(by, "granted", person)))
    expect(independent("c", "d", tied("a", "made", "c"), tied("b", "made", "d"), ...granted)).toBe(true)
  })
})
