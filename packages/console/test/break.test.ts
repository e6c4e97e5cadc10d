import { describe, expect, it } from "vitest"
import { breakOf } from "../src/shell/break.ts"

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
  it("is nothing while looks are possible, or kept back by anything else", () => {
    expect(breakOf(undefined)).toBeUndefined()
    expect(breakOf(VIEW)).toBeUndefined()
    for (const by of ["items", "originals", "minutes"] as const) {
      expect(breakOf({ ...VIEW, blocked: { by, until: UNTIL } })).toBeUndefined()
    }
  })

  it("that was taken began as long ago as it lasts, and is the person's own", () => {
    expect(breakOf({ ...VIEW, blocked: { by: "break", until: UNTIL }, onBreakUntil: UNTIL })).toEqual({
      kind: "own",
      since: "2026-03-02T10:00:00.000Z",
      until: UNTIL,
    })
  })

  it("that is due counts from the last look", () => {
    expect(breakOf({ ...VIEW, blocked: { by: "break", until: UNTIL } })).toEqual({
      kind: "due",
      since: "2026-03-02T10:00:00.000Z",
      until: UNTIL,
    })
  })
})
