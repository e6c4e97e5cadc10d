import { expect, it } from "vitest"
import { wayBack } from "../src/screens/sign-in/way-back.ts"

const ORIGIN = "https://nightlight.example"

it("the way back is a page of our own", () => {
  expect(wayBack("/cases/case-1?from=2#act", ORIGIN)).toBe("/cases/case-1?from=2#act")
  expect(wayBack(undefined, ORIGIN)).toBe("/")
})

it("the way back leaves for no other host, however it is written", () => {
  for (const to of [
    "//other.example",
    "/\\other.example",
    "/\t/other.example",
    "/\n\\other.example",
    "/.//other.example",
  ])
    expect(wayBack(to, ORIGIN), JSON.stringify(to)).toBe("/")
  for (const to of ["https://other.example", "javascript:alert(1)", "data:text/html,x", "cases", 7, ["/cases"]])
    expect(wayBack(to, ORIGIN), JSON.stringify(to)).toBe("/")
})
