import { describe, expect, it } from "vitest"
import { CHANGES } from "../scripts/what-is-found/changes.ts"
import { measure, scenes } from "../scripts/what-is-found/measure.ts"
import { whatIsFoundPage, wilson } from "../scripts/what-is-found/page.ts"
import { read } from "./support/source-tree.ts"

describe("the measurement of what is found", () => {
  it("finds a copy encoded again, misses a negative, and says so on the page", async () => {
    const few = CHANGES.filter(({ name }) => name === "JPEG, quality 75" || name === "negative")
    const measured = await measure(scenes(2), few)
    expect(measured.map(({ found }) => found)).toEqual([
      { exact: 2, fast: 2 },
      { exact: 0, fast: 0 },
    ])
    const page = whatIsFoundPage({ scenes: measured, photographs: [] })
    expect(page).toContain("| JPEG, quality 75 | 100 % (34-100) | 100 % (34-100) | none | not measured |")
    expect(page).toContain("| negative | 0 % (0-66) | 0 % (0-66) | none | not measured |")
  })

  it("gives Wilson's interval", () => {
    const [low, high] = wilson(15, 20)
    expect(low).toBeCloseTo(0.531, 3)
    expect(high).toBeCloseTo(0.888, 3)
  })

  it("is of every change that the page in docs/reference has, and of no other", () => {
    const names = [...read("docs/reference/what-is-found.md").matchAll(/^\| ([^|]+) \| \d/gm)].map(([, name]) => name)
    expect(names).toEqual(CHANGES.map(({ name }) => name))
  })
})
