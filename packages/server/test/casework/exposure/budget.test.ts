import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type BudgetFacts, blockOf, breakDueAt } from "../../../src/casework/exposure/budget.ts"
import { NO_LOOKS, UNSTRAINED } from "../../../src/casework/exposure/events.ts"
import { isLooser, limitsInForce, stricter } from "../../../src/casework/exposure/limits.ts"
import { localTime, nextDay } from "../../../src/casework/exposure/local-time.ts"
import type { Limits } from "../../../src/casework/exposure/types.ts"

const MINUTE_MS = 60_000
const NOW = new Date("2026-03-02T10:00:00.000Z")
const LIMITS: Limits = {
  itemsPerDay: 60,
  originalsPerDay: 10,
  minutesPerDay: 300,
  breakAfterMinutes: 55,
  breakMinutes: 10,
  consecutive: 10,
  cutOff: null,
}

function minutesAgo(minutes: number): string {
  return new Date(NOW.getTime() - minutes * MINUTE_MS).toISOString()
}

function block(of: Partial<BudgetFacts>) {
  const facts = { now: NOW, timeZone: "UTC", limits: LIMITS, counts: NO_LOOKS, strain: UNSTRAINED, original: false }
  return blockOf({ ...facts, otherWork: false, ...of })
}

describe("a look", () => {
  it("is possible for who has not looked", () => {
    expect(block({})).toBeUndefined()
  })

  it.each([
    ["items", { counts: { looks: 60, originals: 0, seconds: 0 } }],
    ["minutes", { counts: { looks: 1, originals: 0, seconds: 300 * 60 } }],
    ["originals", { counts: { looks: 10, originals: 10, seconds: 0 }, original: true }],
    ["cut-off", { limits: { ...LIMITS, cutOff: "10:00" } }],
  ] as const)("waits for tomorrow when the day's %s are spent", (by, of) => {
    expect(block(of)).toEqual({ by, until: new Date("2026-03-03T00:00:00.000Z") })
  })

  it("of a derivative is still possible when the originals are spent, and before the cut-off", () => {
    expect(block({ counts: { looks: 10, originals: 10, seconds: 0 } })).toBeUndefined()
    expect(block({ limits: { ...LIMITS, cutOff: "10:01" } })).toBeUndefined()
  })

  it("waits for a break of ten minutes after 55 of looking, counted from the last look", () => {
    const strain = { ...UNSTRAINED, stretchStartedAt: minutesAgo(55), lastLookAt: minutesAgo(4), consecutive: 3 }
    expect(block({ strain })).toEqual({ by: "break", until: new Date(NOW.getTime() + 6 * MINUTE_MS) })
    expect(block({ strain: { ...strain, stretchStartedAt: minutesAgo(54) } })).toBeUndefined()
    expect(block({ strain: { ...strain, lastLookAt: minutesAgo(10) } })).toBeUndefined()
  })

  it("waits after ten in a row, until a break or other work", () => {
    const strain = { ...UNSTRAINED, stretchStartedAt: minutesAgo(20), lastLookAt: minutesAgo(1), consecutive: 10 }
    expect(block({ strain })).toEqual({ by: "consecutive", until: new Date(NOW.getTime() + 9 * MINUTE_MS) })
    expect(block({ strain, otherWork: true })).toBeUndefined()
  })

  it("waits for the end of a break under way", () => {
    const until = new Date(NOW.getTime() + MINUTE_MS)
    expect(block({ strain: { ...UNSTRAINED, breakUntil: until.toISOString() } })).toEqual({ by: "break", until })
    expect(block({ strain: { ...UNSTRAINED, breakUntil: NOW.toISOString() } })).toBeUndefined()
  })

  it("never waits longer than a break for what a clock recorded that is set back since", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 24 * 60 }), fc.nat({ max: 20 }), (ahead, consecutive) => {
        const later = minutesAgo(-ahead)
        const strain = { ...UNSTRAINED, stretchStartedAt: later, lastLookAt: later, breakUntil: later, consecutive }
        const until = block({ strain })?.until ?? NOW
        expect(until.getTime() - NOW.getTime()).toBeLessThanOrEqual(LIMITS.breakMinutes * MINUTE_MS)
      }),
    )
  })

  it("has its next break due 55 minutes after the first since the last rest", () => {
    const strain = { ...UNSTRAINED, stretchStartedAt: minutesAgo(15), lastLookAt: minutesAgo(1) }
    expect(breakDueAt(strain, LIMITS, NOW)).toEqual(new Date(NOW.getTime() + 40 * MINUTE_MS))
    expect(breakDueAt(UNSTRAINED, LIMITS, NOW)).toBeUndefined()
  })
})

const limits: fc.Arbitrary<Limits> = fc.record({
  itemsPerDay: fc.nat({ max: 9 }),
  originalsPerDay: fc.nat({ max: 9 }),
  minutesPerDay: fc.nat({ max: 9 }),
  breakAfterMinutes: fc.integer({ min: 5, max: 9 }),
  breakMinutes: fc.integer({ min: 5, max: 9 }),
  consecutive: fc.integer({ min: 1, max: 9 }),
  cutOff: fc.constantFrom("15:00", "16:00", null),
})

describe("limits of one's own", () => {
  it("never let through more than everybody's, whatever they say", () => {
    fc.assert(
      fc.property(limits, limits, fc.nat({ max: 20 }), (everybodys, own, shiftsBefore) => {
        const inForce = limitsInForce(everybodys, own, { shiftsBefore, firstShifts: 10, firstShiftsShare: 0.5 })
        expect(isLooser(inForce, everybodys)).toBe(false)
        expect(isLooser(inForce, own)).toBe(false)
      }),
    )
  })

  it("are looser exactly if the stricter of both is another", () => {
    fc.assert(
      fc.property(limits, limits, (a, b) => {
        expect(isLooser(a, b)).toBe(JSON.stringify(stricter(b, a)) !== JSON.stringify(a))
      }),
    )
  })

  it("are half in the first shifts, for items and minutes", () => {
    const first = limitsInForce(LIMITS, {}, { shiftsBefore: 9, firstShifts: 10, firstShiftsShare: 0.5 })
    expect(first).toMatchObject({ itemsPerDay: 30, originalsPerDay: 5, minutesPerDay: 150, breakMinutes: 10 })
    const later = limitsInForce(LIMITS, {}, { shiftsBefore: 10, firstShifts: 10, firstShiftsShare: 0.5 })
    expect(later).toEqual(LIMITS)
  })
})

describe("a day", () => {
  it.each([
    ["UTC", "2026-03-02T10:20:30.000Z", "2026-03-03T00:00:00.000Z"],
    ["America/New_York", "2026-03-02T03:00:00.000Z", "2026-03-02T05:00:00.000Z"],
    // 23 and 25 hours.
    ["Europe/Berlin", "2026-03-29T00:30:00.000Z", "2026-03-29T22:00:00.000Z"],
    ["Europe/Berlin", "2026-10-24T23:30:00.000Z", "2026-10-25T23:00:00.000Z"],
  ])("ends in %s, at %s, with the next midnight there", (zone, at, next) => {
    expect(nextDay(new Date(at), zone)).toEqual(new Date(next))
  })

  it("is the people's, not Greenwich's", () => {
    expect(localTime(new Date("2026-03-02T03:00:00.000Z"), "America/New_York")).toEqual({
      day: "2026-03-01",
      time: "22:00",
    })
  })
})
