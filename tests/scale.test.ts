import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"

/** An equation as the page writes it: `5,850,000,000 / 1,500,000 = 3,900`, with units after its figures. */
const EQUATION = /`([^`=]+) = ([^`]+)`/g
const FIGURE = /-?[\d,]+(?:\.\d+)?/
/** Rounding of the results on the page. */
const TOLERANCE = 0.01

const page = readFileSync(join(import.meta.dirname, "..", "docs", "scale.md"), "utf8")
const equations = [...page.matchAll(EQUATION)].map(([, left = "", right = ""]) => ({ left, right }))

function figureOf(text: string): number {
  return Number((FIGURE.exec(text)?.[0] ?? "").replaceAll(",", ""))
}

/** The value of figures that are multiplied by `x` and divided by `/`, from left to right. */
function evaluate(text: string): number {
  const [first = "", ...rest] = text.split(/ ([x/]) /)
  let value = figureOf(first)
  for (let i = 0; i < rest.length; i += 2) {
    const figure = figureOf(rest[i + 1] ?? "")
    value = rest[i] === "x" ? value * figure : value / figure
  }
  return value
}

it("has equations", () => {
  expect(equations.length).toBeGreaterThan(5)
})

it.each(equations)("docs/scale.md computes $left = $right", ({ left, right }) => {
  const [value, stated] = [evaluate(left), figureOf(right)]
  expect(Math.abs(value - stated) / stated).toBeLessThan(TOLERANCE)
})
