import type { Match } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { matchOf } from "../../../src/filing/reports/draft/matched.ts"
import { aMatch } from "../../casework/cases/builders.ts"

const PDQ = { hashType: "pdq", distanceBits: 12, radiusBits: 31 } as const

describe("how a file matched, as a report says it", () => {
  it.each<[string, readonly Match[], string]>([
    [
      "exact",
      [aMatch(), aMatch({ hashType: "sha1" })],
      "Exact match: the file's SHA-1 and SHA-256 equal those of a file",
    ],
    ["near", [aMatch(PDQ)], "Near match, not exact: by perceptual hash (PDQ) 12 of 256 bits differ"],
    ["near", [aMatch({ hashType: "md5" })], "Not proof: the file's MD5 equals that of an entry"],
    ["near", [aMatch({ declared: true })], "Not proof: a SHA-256 digest that the file's metadata states"],
    [
      "unverified",
      [aMatch({ trust: "unverified" })],
      "Not proof: the file's SHA-256 equals that of an entry of an unverified hash list",
    ],
    ["unverified", [aMatch({ ...PDQ, trust: "unverified" })], "Near match, not exact"],
    ["other", [], "No hash list matched."],
    ["other", [aMatch({ trust: "test" })], "No hash list matched."],
  ])("%s: %o", (strength, matches, statement) => {
    const match = matchOf(matches)
    expect(match.strength).toBe(strength)
    expect(match.statement).toContain(statement)
    expect(match.statement.includes("A person decided")).toBe(strength !== "exact")
  })

  it("says the strongest of several, whatever their order", () => {
    expect(matchOf([aMatch(PDQ), aMatch()])).toEqual(matchOf([aMatch()]))
    expect(matchOf([aMatch({ ...PDQ, distanceBits: 30 }), aMatch(PDQ)]).statement).toContain(" 12 of 256 bits")
  })

  it("never names a list, its entry or its category", () => {
    const match = fc.record({
      list: fc.constant("canary-list"),
      entryId: fc.constant("canary-entry"),
      category: fc.constant("canary-category"),
      trust: fc.constantFrom("trusted", "unverified", "test"),
      hashType: fc.constantFrom("md5", "sha1", "sha256", "pdq"),
      declared: fc.boolean(),
      distanceBits: fc.nat(31),
    })
    fc.assert(
      fc.property(fc.array(match), (matches) => {
        const all = matches.map((of) => aMatch({ ...of, radiusBits: 31 } as Partial<Match>))
        expect(matchOf(all).statement).not.toContain("canary")
      }),
    )
  })
})
