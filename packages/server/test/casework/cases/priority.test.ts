import { HOUR_MS } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { holderOf, LEASE_MS, leaseEnd } from "../../../src/casework/cases/claims/lease.ts"
import type { CaseEvent } from "../../../src/casework/cases/state/events.ts"
import { applyToHead, type CaseHead } from "../../../src/casework/cases/state/head.ts"
import { alarmDue, dueAfter } from "../../../src/casework/cases/state/knowledge.ts"
import { BANDS, placeOf, reasonsOf } from "../../../src/casework/cases/state/priority.ts"
import { STRENGTHS } from "../../../src/platform/db/tables/casework.ts"

const OPENED = "2026-03-01T08:00:00.000Z"

function aHead(of: Partial<CaseHead> = {}): CaseHead {
  const opened: CaseEvent = {
    type: "case.opened",
    data: { kind: "direct", source: "source-1", group: "group", at: OPENED },
  }
  return { ...applyToHead(undefined, opened, "case-1"), items: 1, locations: 1, ...of }
}

function afterHours(hours: number): Date {
  return new Date(Date.parse(OPENED) + hours * HOUR_MS)
}

describe("placeOf", () => {
  it("puts danger first, then exact before near before lead before anything else, test cards last", () => {
    const bands = STRENGTHS.map((strength) => placeOf(aHead({ strength })).band)
    expect(bands).toEqual(["exact", "near", "unverified", "other", "test"])
    expect(placeOf(aHead({ strength: "unverified", danger: true })).band).toBe("danger")
    expect(placeOf(aHead({ strength: "exact", kind: "test" })).band).toBe(BANDS.at(-1))
  })

  it("puts the nearer deadline first, whatever time it is", () => {
    const near = placeOf(aHead({ dueAt: afterHours(2).toISOString() }))
    const far = placeOf(aHead({ dueAt: afterHours(3).toISOString() }))
    expect(near.sortAt.getTime()).toBeLessThan(far.sortAt.getTime())
  })

  it("brings a case with many places forward, by four hours at most", () => {
    const places = [1, 2, 25, 1000].map((locations) => placeOf(aHead({ locations })).sortAt.getTime())
    expect(places.map((at) => (places[0]! - at) / HOUR_MS)).toEqual([0, 1 / 6, 4, 4])
  })
})

describe("reasonsOf", () => {
  it("gives the reasons, gravest first", () => {
    const head = aHead({ danger: true, strength: "exact", dueAt: afterHours(24).toISOString(), locations: 10 })
    expect(reasonsOf(head, afterHours(19))).toEqual(["imminent-danger", "trusted-exact", "due-soon", "many-locations"])
    expect(reasonsOf(head, afterHours(24))).toContain("overdue")
  })

  it("gives a reason for an undecided case without a deadline that has waited for long", () => {
    expect(reasonsOf(aHead(), afterHours(23))).toEqual(["no-list"])
    expect(reasonsOf(aHead(), afterHours(24))).toEqual(["no-list", "waiting-long"])
  })
})

describe("the alarm of a deadline", () => {
  const dueAt = dueAfter(OPENED)

  it.each([
    [17.9, 0, undefined],
    [18, 0, 75],
    [18, 75, undefined],
    [21.6, 75, 90],
    [23, 0, 90],
    [24, 90, 100],
    [500, 100, undefined],
  ])("is, %f h after knowledge and %i %% raised before, %s", (hours, alarmed, due) => {
    expect(alarmDue(aHead({ dueAt, alarmed }), afterHours(hours))).toBe(due)
  })
})

describe("holderOf", () => {
  const at = afterHours(0)
  const claim = { by: "person-1", until: leaseEnd(at) }

  it("is the person who claimed it until the lease expires, and nobody afterwards", () => {
    expect(holderOf({ claim }, at)).toBe("person-1")
    expect(holderOf({ claim }, new Date(at.getTime() + LEASE_MS - 1))).toBe("person-1")
    expect(holderOf({ claim }, new Date(at.getTime() + LEASE_MS))).toBeUndefined()
  })

  it("is nobody if the lease was given by a clock that ran days ahead", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * 24 * 60 }), (minutes) => {
        expect(holderOf({ claim }, new Date(at.getTime() - minutes * 60_000))).toBeUndefined()
      }),
    )
  })
})
