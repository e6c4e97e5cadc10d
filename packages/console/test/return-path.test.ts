import { expect, it } from "vitest"
import { returnPath } from "../src/screens/sign-in/return-path.ts"

const ORIGIN = "https://nightlight.example"

it("the sign-in returns to a page of the console", () => {
  expect(returnPath("/cases/case-1?from=2#act", ORIGIN)).toBe("/cases/case-1?from=2#act")
  expect(returnPath(undefined, ORIGIN)).toBe("/")
})

it("the sign-in never returns to another host, however the address is written", () => {
  for (const to of [
    "//other.example",
    "/\\other.example",
    "/\t/other.example",
    "/\n\\other.example",
    "/.//other.example",
  ])
    expect(returnPath(to, ORIGIN), JSON.stringify(to)).toBe("/")
  for (const to of ["https://other.example", "javascript:alert(1)", "data:text/html,x", "cases", 7, ["/cases"]])
    expect(returnPath(to, ORIGIN), JSON.stringify(to)).toBe("/")
})
