import { randomBytes } from "node:crypto"
import { movingClock } from "@nightlight/dev-env/server/clock"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createItemLimit } from "../../../src/intake/screen/item-limit.ts"
import { createProbeWatch } from "../../../src/intake/screen/probe-watch.ts"
import type { ServiceActor } from "../../../src/platform/auth/actor.ts"
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
    for (let n = 0; n < 100; n++) expect(watch.note("a", near(0), false)).toBe(false)
    for (let n = 1; n < 20; n++) expect(watch.note("a", near(n), false)).toBe(false)
    expect(watch.note("b", near(20), false)).toBe(false)
    clock.move(3_600_001)
    expect(watch.note("a", near(20), false)).toBe(false)
    for (let n = 21; n < 40; n++) expect(watch.note("a", near(n), false)).toBe(false)
    expect(watch.isThrottled("a")).toBe(false)
    expect(watch.note("a", near(40), false)).toBe(true)
    expect(watch.isThrottled("a")).toBe(true)
    expect(watch.isThrottled("b")).toBe(false)
    expect(watch.note("a", near(41), false)).toBe(false)
    clock.move(15 * 60_000)
    expect(watch.isThrottled("a")).toBe(false)
    expect(watch.note("a", near(42), false)).toBe(true)
  })

  it("notices neighbours of a match however many other pictures hide them, without throttling", () => {
    const clock = movingClock()
    const watch = createProbeWatch(clock)
    const random = () => randomBytes(32).toString("hex")
    const base = BigInt(`0x${random()}`)
    const near = (n: number) => (base ^ (1n << BigInt(n))).toString(16).padStart(64, "0")
    const noticed: number[] = []
    for (let n = 0; n < 30; n++) {
      // The first matches; of the others, which only nearly equal it, every second one.
      if (watch.note("a", near(n), n % 2 === 0)) noticed.push(n)
      for (let other = 0; other < 60; other++) expect(watch.note("a", random(), false)).toBe(false)
    }
    expect(noticed).toEqual([20])
    expect(watch.isThrottled("a")).toBe(false)
  })

  it("notices nobody who sends one picture that matches again and again, or many different ones", () => {
    const watch = createProbeWatch(movingClock())
    const known = randomBytes(32).toString("hex")
    for (let n = 0; n < 200; n++) {
      expect(watch.note("a", known, true)).toBe(false)
      expect(watch.note("a", randomBytes(32).toString("hex"), true)).toBe(false)
    }
  })
})

describe("the limit on screened items", () => {
  const keyOf = (callsPerMinute: number): ServiceActor => ({
    kind: "service",
    id: `key-${callsPerMinute}`,
    scopes: new Set(["screen"]),
    source: undefined,
    callsPerMinute,
  })

  it("is each key's own", () => {
    const take = createItemLimit(movingClock())
    take(keyOf(5), 5)
    expect(() => take(keyOf(5), 1)).toThrow(expect.objectContaining({ code: "too_many_requests" }))
    take(keyOf(1_000_000), 1_000_000)
    expect(() => take(keyOf(1_000_000), 1)).toThrow(expect.objectContaining({ code: "too_many_requests" }))
  })

  it("takes all of many items or none, and says when they would be left", () => {
    const clock = movingClock()
    const take = createItemLimit(clock)
    take(keyOf(60), 50)
    const refusal = { code: "too_many_requests", details: { retryAfterSeconds: 20 } }
    expect(() => take(keyOf(60), 30)).toThrow(expect.objectContaining(refusal))
    take(keyOf(60), 10)
    clock.move(30_000)
    take(keyOf(60), 30)
  })
})
