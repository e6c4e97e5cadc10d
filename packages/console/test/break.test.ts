import { describe, expect, it } from "vitest"
import { activeBreak } from "../src/shell/break.ts"

const LIMITS = {
  itemsPerDay: 60,
  originalsPerDay: 10,
  minutesPerDay: 300,
  breakAfterMinutes: 55,
  breakMinutes: 10,
}
const VIEW = {
  day: "2026-03-02",
  viewings: 3,
  originals: 0,
  minutes: 1,
  limits: LIMITS,
}
const UNTIL = "2026-03-02T10:10:00.000Z"

describe("a break", () => {
  it("does not exist while viewing is allowed, or is blocked by another limit", () => {
    expect(activeBreak(undefined)).toBeUndefined()
    expect(activeBreak(VIEW)).toBeUndefined()
    for (const by of ["items", "originals", "minutes"] as const) {
      expect(activeBreak({ ...VIEW, blocked: { by, until: UNTIL } })).toBeUndefined()
    }
  })

  it("that the person took is their own, and began its own length before its end", () => {
    expect(activeBreak({ ...VIEW, blocked: { by: "break", until: UNTIL }, onBreakUntil: UNTIL })).toEqual({
      kind: "own",
      since: "2026-03-02T10:00:00.000Z",
      until: UNTIL,
    })
  })

  it("that is due began with the last viewing", () => {
    expect(activeBreak({ ...VIEW, blocked: { by: "break", until: UNTIL } })).toEqual({
      kind: "due",
      since: "2026-03-02T10:00:00.000Z",
      until: UNTIL,
    })
  })
})
