import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { toShare } from "../../../src/oversight/insights/share.ts"

describe("a share's interval", () => {
  // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("of %i in %i is the published one", (count, of, low, high) => {
    const share = toShare(count, of)
    expect(share.share).toBe(count / of)
    expect(share.low).toBeCloseTo(low, 4)
    expect(share.high).toBeCloseTo(high, 4)
  })

  it("of nothing is everything, and no share is claimed", () => {
    expect(toShare(0, 0)).toEqual({ count: 0, of: 0, low: 0, high: 1 })
  })

  it("holds its share, stays within 0 and 1, mirrors its complement, and narrows with more of the same", () => {
    const counted = fc
      .integer({ min: 1, max: 100_000 })
      .chain((of) => fc.tuple(fc.integer({ min: 0, max: of }), fc.constant(of)))
    fc.assert(
      fc.property(counted, ([count, of]) => {
        const { share = Number.NaN, low, high } = toShare(count, of)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
        expect(low).toBeLessThanOrEqual(share)
        expect(high).toBeGreaterThanOrEqual(share)
        const rest = toShare(of - count, of)
        expect(rest.low).toBeCloseTo(1 - high, 9)
        const more = toShare(count * 4, of * 4)
        expect(more.high - more.low).toBeLessThan(high - low)
      }),
    )
  })
})
