import { randomBytes } from "node:crypto"
import { movingClock } from "@nightlight/dev-env/server/clock"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createProbeWatch } from "../../../src/intake/screen/probe-watch.ts"
import { createCallLimit } from "../../../src/platform/http/call-limit.ts"

describe("the limit on calls", () => {
  it("lets through a burst and then the rate, whatever the steps of the clock, also back", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5000, max: 20_000 }), { maxLength: 200 }), (steps) => {
        const clock = movingClock()
        const take = createCallLimit(clock, { perMinute: 60, burst: 10 })
        let forwardMs = 0
        let taken = 0
        for (const step of steps) {
          clock.move(step)
          forwardMs += Math.max(0, step)
          try {
            take("a")
            taken++
          } catch (error) {
            expect(error).toMatchObject({ code: "too_many_requests" })
          }
        }
        expect(taken).toBeLessThanOrEqual(10 + forwardMs / 1000)
      }),
    )
  })
})

describe("the watch for probing", () => {
  it("notices twenty neighbours of one picture, forgets after an hour, and ignores repetitions", () => {
    const clock = movingClock()
    const watch = createProbeWatch(clock)
    const base = BigInt(`0x${randomBytes(32).toString("hex")}`)
    const near = (n: number) => (base ^ (1n << BigInt(n))).toString(16).padStart(64, "0")
    for (let n = 0; n < 100; n++) expect(watch.note("a", near(0))).toBe(false)
    for (let n = 1; n < 20; n++) expect(watch.note("a", near(n))).toBe(false)
    expect(watch.note("b", near(20))).toBe(false)
    clock.move(3_600_001)
    expect(watch.note("a", near(20))).toBe(false)
    for (let n = 21; n < 40; n++) expect(watch.note("a", near(n))).toBe(false)
    expect(watch.isThrottled("a")).toBe(false)
    expect(watch.note("a", near(40))).toBe(true)
    expect(watch.isThrottled("a")).toBe(true)
    expect(watch.isThrottled("b")).toBe(false)
    expect(watch.note("a", near(41))).toBe(false)
    clock.move(15 * 60_000)
    expect(watch.isThrottled("a")).toBe(false)
    expect(watch.note("a", near(42))).toBe(true)
  })
})
