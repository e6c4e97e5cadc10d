import { describe, expect, it } from "vitest"
import { suggestionOf } from "../src/screens/cases/decide/suggestion.ts"

const caseItems = (...strengths: readonly ("exact" | "near" | "unverified" | "other" | "test")[]) =>
  strengths.map((strength) => ({ strength }))

describe("the suggestion for a case", () => {
  it("names a basis only if every item is an exact match of a trusted list, or all are test cards", () => {
    expect(suggestionOf({ kind: "dataset", band: "exact" }, caseItems("exact", "exact"))).toEqual({
      code: "exact",
      basis: "18-usc-2252a",
    })
    expect(suggestionOf({ kind: "test", band: "test" }, caseItems("test"))).toEqual({
      code: "test",
      basis: "not-violation",
    })
    for (const strengths of [
      caseItems("exact", "near"),
      caseItems("near"),
      caseItems("unverified"),
      caseItems("other"),
      caseItems(),
    ]) {
      expect(suggestionOf({ kind: "account", band: "exact" }, strengths)).not.toHaveProperty("basis")
    }
  })

  it("does not depend on the band: a case in danger has the band danger whatever its items matched", () => {
    expect(suggestionOf({ kind: "account", band: "danger" }, caseItems("unverified")).code).toBe("unverified")
    expect(suggestionOf({ kind: "account", band: "danger" }, caseItems("exact")).code).toBe("exact")
  })

  it("names no basis while the items are loading", () => {
    expect(suggestionOf({ kind: "dataset", band: "exact" }, [])).toEqual({ code: "other" })
  })
})
