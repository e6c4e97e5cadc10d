import { describe, expect, it } from "vitest"
import { suggestionOf } from "../src/screens/cases/decide/suggestion.ts"

const caseItems = (...strengths: readonly ("exact" | "near" | "unverified" | "other" | "test")[]) =>
  strengths.map((strength) => ({ strength }))

describe("what the facts of a case suggest", () => {
  it("is a basis only where every item matches a trusted list byte for byte, or all are test cards", () => {
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

  it("does not rest on the band: a case in danger stands first whatever matched", () => {
    expect(suggestionOf({ kind: "account", band: "danger" }, caseItems("unverified")).code).toBe("unverified")
    expect(suggestionOf({ kind: "account", band: "danger" }, caseItems("exact")).code).toBe("exact")
  })

  it("suggests nothing certain while the items are still being read", () => {
    expect(suggestionOf({ kind: "dataset", band: "exact" }, [])).toEqual({ code: "other" })
  })
})
