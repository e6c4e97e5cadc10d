import { describe, expect, it } from "vitest"
import { toBuckets, toRange, toText } from "../../../src/oversight/insights/range.ts"

const NOW = new Date("2026-06-03T15:30:00.000Z")
const range = (from?: string, to?: string) => toRange({ from, to }, NOW)

describe("a period", () => {
  it("is the last 30 days, today among them, unless said otherwise", () => {
    expect(toText(range())).toEqual({ from: "2026-05-05T00:00:00.000Z", to: "2026-06-04T00:00:00.000Z" })
  })

  it("is widened to whole days, and left alone where it is whole", () => {
    expect(toText(range("2026-05-01T23:59:59.999Z", "2026-05-02T00:00:00.001Z"))).toEqual({
      from: "2026-05-01T00:00:00.000Z",
      to: "2026-05-03T00:00:00.000Z",
    })
    expect(toText(range("2026-05-01T00:00:00.000Z", "2026-05-02T00:00:00.000Z"))).toEqual({
      from: "2026-05-01T00:00:00.000Z",
      to: "2026-05-02T00:00:00.000Z",
    })
  })

  it("is refused if it ends before it begins, or is longer than two years", () => {
    expect(() => range("2026-06-05T00:00:00.000Z")).toThrow(expect.objectContaining({ code: "input_invalid" }))
    expect(() => range("2024-06-01T00:00:00.000Z")).toThrow(expect.objectContaining({ code: "input_invalid" }))
    expect(toBuckets(range("2024-06-04T00:00:00.000Z")).unit).toBe("week")
  })
})

describe("its division", () => {
  it("is by day up to 90 days, each day once", () => {
    const { unit, starts, indexOf } = toBuckets(range("2026-03-06T00:00:00.000Z"))
    expect([unit, starts.length, starts[0]?.toISOString()]).toEqual(["day", 90, "2026-03-06T00:00:00.000Z"])
    expect([indexOf("2026-03-05"), indexOf("2026-03-06"), indexOf("2026-06-03")]).toEqual([-1, 0, 89])
  })

  it("is by week from Monday above that, the first one from the start of the period", () => {
    const { unit, starts, indexOf } = toBuckets(range("2026-03-05T00:00:00.000Z"))
    expect(unit).toBe("week")
    expect(starts.slice(0, 3).map((start) => start.toISOString().slice(0, 10))).toEqual([
      "2026-03-05",
      "2026-03-09",
      "2026-03-16",
    ])
    expect(starts.at(-1)?.toISOString()).toBe("2026-06-01T00:00:00.000Z")
    expect([indexOf("2026-03-08"), indexOf("2026-03-09"), indexOf("2026-03-15")]).toEqual([0, 1, 1])
  })
})
