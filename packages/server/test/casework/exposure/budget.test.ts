import { MINUTE_MS } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type BudgetFacts, blockOf, breakDueAt } from "../../../src/casework/exposure/budget.ts"
import { NO_VIEWINGS, NO_VIEWINGS_YET } from "../../../src/casework/exposure/events.ts"
import { isLooser } from "../../../src/casework/exposure/limits.ts"
import { localTime, nextDay } from "../../../src/casework/exposure/local-time.ts"
import type { Limits } from "../../../src/casework/exposure/types.ts"

const NOW = new Date("2026-03-02T10:00:00.000Z")
const LIMITS: Limits = {
  itemsPerDay: 60,
  originalsPerDay: 10,
  minutesPerDay: 300,
  breakAfterMinutes: 55,
  breakMinutes: 10,
}

function minutesAgo(minutes: number): string {
  return new Date(NOW.getTime() - minutes * MINUTE_MS).toISOString()
}

function block(of: Partial<BudgetFacts>) {
  const facts = {
    now: NOW,
    timeZone: "UTC",
    limits: LIMITS,
    counts: NO_VIEWINGS,
    breaks: NO_VIEWINGS_YET,
    original: false,
  }
  return blockOf({ ...facts, ...of })
}

describe("a viewing", () => {
  it("is possible for a person who has viewed nothing", () => {
    expect(block({})).toBeUndefined()
  })

  it.each([
    ["items", { counts: { viewings: 60, originals: 0, seconds: 0 } }],
    ["minutes", { counts: { viewings: 1, originals: 0, seconds: 300 * 60 } }],
    ["originals", { counts: { viewings: 10, originals: 10, seconds: 0 }, original: true }],
  ] as const)("waits for tomorrow when the day's %s are spent", (by, of) => {
    expect(block(of)).toEqual({ by, until: new Date("2026-03-03T00:00:00.000Z") })
  })

  it("of a derivative is still possible when the originals are spent", () => {
    expect(block({ counts: { viewings: 10, originals: 10, seconds: 0 } })).toBeUndefined()
  })

  it("waits for a break of ten minutes after 55 of viewing, counted from the last viewing", () => {
    const breaks = { ...NO_VIEWINGS_YET, stretchStartedAt: minutesAgo(55), lastViewingAt: minutesAgo(4) }
    expect(block({ breaks })).toEqual({ by: "break", until: new Date(NOW.getTime() + 6 * MINUTE_MS) })
    expect(block({ breaks: { ...breaks, stretchStartedAt: minutesAgo(54) } })).toBeUndefined()
    expect(block({ breaks: { ...breaks, lastViewingAt: minutesAgo(10) } })).toBeUndefined()
  })

  it("waits for the end of the current break", () => {
    const until = new Date(NOW.getTime() + MINUTE_MS)
    expect(block({ breaks: { ...NO_VIEWINGS_YET, breakUntil: until.toISOString() } })).toEqual({ by: "break", until })
    expect(block({ breaks: { ...NO_VIEWINGS_YET, breakUntil: NOW.toISOString() } })).toBeUndefined()
  })

  it("never waits longer than a break for what a clock recorded that is set back since", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 24 * 60 }), (ahead) => {
        const later = minutesAgo(-ahead)
        const breaks = { ...NO_VIEWINGS_YET, stretchStartedAt: later, lastViewingAt: later, breakUntil: later }
        const until = block({ breaks })?.until ?? NOW
        expect(until.getTime() - NOW.getTime()).toBeLessThanOrEqual(LIMITS.breakMinutes * MINUTE_MS)
      }),
    )
  })

  it("has its next break due 55 minutes after the first since the last rest", () => {
    const breaks = { ...NO_VIEWINGS_YET, stretchStartedAt: minutesAgo(15), lastViewingAt: minutesAgo(1) }
    expect(breakDueAt(breaks, LIMITS, NOW)).toEqual(new Date(NOW.getTime() + 40 * MINUTE_MS))
    expect(breakDueAt(NO_VIEWINGS_YET, LIMITS, NOW)).toBeUndefined()
  })
})

describe("limits of viewing", () => {
  it.each([
    ["itemsPerDay", 61],
    ["originalsPerDay", 11],
    ["minutesPerDay", 301],
    ["breakAfterMinutes", 56],
    ["breakMinutes", 9],
  ] as const)("are looser when %s is %d, whatever else becomes stricter", (name, value) => {
    expect(isLooser({ ...LIMITS, [name]: value }, LIMITS)).toBe(true)
    const stricter: Limits = {
      itemsPerDay: 1,
      originalsPerDay: 0,
      minutesPerDay: 1,
      breakAfterMinutes: 5,
      breakMinutes: 120,
    }
    expect(isLooser({ ...stricter, [name]: value }, LIMITS)).toBe(true)
    expect(isLooser(stricter, LIMITS)).toBe(false)
    expect(isLooser(LIMITS, LIMITS)).toBe(false)
  })
})

describe("a day", () => {
  it.each([
    ["UTC", "2026-03-02T10:20:30.000Z", "2026-03-03T00:00:00.000Z"],
    ["America/New_York", "2026-03-02T03:00:00.000Z", "2026-03-02T05:00:00.000Z"],
    // 23 and 25 hours.
    ["Europe/Berlin", "2026-03-29T00:30:00.000Z", "2026-03-29T22:00:00.000Z"],
    ["Europe/Berlin", "2026-10-24T23:30:00.000Z", "2026-10-25T23:00:00.000Z"],
  ])("ends in %s, at %s, with the next midnight there", (zone, index, next) => {
    expect(nextDay(new Date(index), zone)).toEqual(new Date(next))
  })

  it("is the people's, not Greenwich's", () => {
    expect(localTime(new Date("2026-03-02T03:00:00.000Z"), "America/New_York")).toEqual({
      day: "2026-03-01",
      time: "22:00",
    })
  })
})
