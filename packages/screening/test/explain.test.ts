import type { Signals } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Explanation, loadDefaultPolicy, loadPolicy } from "../src/index.ts"
import { anyCondition, anySignals } from "./support/arbitraries.ts"
import { aMatch, someSignals } from "./support/builders.ts"
import { policyOf } from "./support/policies.ts"

const why = ({ steps }: Explanation, rule: string) => steps.find((step) => step.rule === rule)?.why

describe("an explanation", () => {
  it("says whether each rule held, in the file's order, then the default and the floors", async () => {
    const policy = await loadDefaultPolicy()
    expect(policy.explain(someSignals()).steps.map(({ rule, outcome }) => `${rule} ${outcome}`)).toEqual([
      "trusted-exact not_held",
      "test-card not_held",
      "any-other-match not_held",
      "not-screened not_held",
      "default held",
      "floor:match not_held",
      "floor:inconclusive not_held",
      "floor:unscreened not_held",
    ])
  })

  it.each<[string, Partial<Signals>, string]>([
    ["matches.exists(m, m.declared)", {}, "matches is empty"],
    [
      'matches.exists(m, m.trust == "unverified")',
      { matches: [aMatch(), aMatch({ trust: "unverified", list: "b-list", hashType: "sha1" })] },
      '1 of 2 in matches satisfy m.trust == "unverified" (sha1 of unverified list "b-list")',
    ],
    [
      "matches.all(m, m.distanceBits < 3)",
      { matches: [aMatch(), aMatch()] },
      "0 of 2 in matches satisfy m.distanceBits < 3",
    ],
    [
      "matches.exists(m, true)",
      {
        matches: [
          aMatch({ transformation: { orientation: "flipY", crop: "letterbox", background: "dropped", frame: 0 } }),
        ],
      },
      '1 of 1 in matches satisfy true (pdq of trusted list "a-list", 3 bits away, quality 90, flipY, letterbox)',
    ],
    [
      "matches.exists(m, true)",
      { matches: Array.from({ length: 4 }, () => aMatch({ hashType: "md5", declared: true })) },
      `4 of 4 in matches satisfy true (${Array(3).fill('declared md5 of trusted list "a-list"').join("; ")}; ...)`,
    ],
    [
      "scores.exists(s, s.score >= 0.5) && !screened",
      { scores: [{ classifier: "adult", label: "x", score: 0.75 }] },
      "1 of 1 in scores satisfy s.score >= 0.5 (adult says x 0.75); screened is true (screened is true)",
    ],
    [
      'mediaType == "image/gif" || kind in ["text", "array"]',
      {},
      'mediaType == "image/gif" is false (mediaType is "image/png"); kind in ["text", "array"] is false (kind is "picture")',
    ],
  ])("says why %s holds or does not hold", (when, signals, words) => {
    expect(why(policyOf(`'${when}'`).explain(someSignals(signals)), "a-rule")).toBe(words)
  })

  it("says what a floor did and why an exception lifted it", () => {
    const policy = policyOf(
      "'false'",
      "review",
      "mediaExceptions: [{ mediaType: video/mp4, reason: r, until: 9999-12-31, approvedBy: [a] }]",
    )
    const matched = policy.explain(someSignals({ matches: [aMatch()] }))
    expect(matched.verdict.rule).toBe("floor:match")
    expect(why(matched, "floor:match")).toBe("no rule can clear an item that a list matched")
    const excepted = policy.explain(someSignals({ mediaType: "video/mp4", inconclusive: "media_unsupported" }))
    expect(why(excepted, "floor:inconclusive")).toBe(
      "media_unsupported, which the policy's exception for video/mp4 allows",
    )
    expect(excepted.verdict.decision).toBe("clear")
  })

  it("says that a condition could not be evaluated", () => {
    const odd = someSignals({ scores: [{ classifier: "a", label: "x", score: "1" as unknown as number }] })
    const { steps, verdict } = policyOf("scores.exists(s, s.score > 0.5)").explain(odd)
    expect(steps[0]).toMatchObject({ outcome: "failed", why: "the condition could not be evaluated" })
    expect(steps.find((step) => step.rule === "floor:evaluation")?.why).toBe("1 of the rules could not be evaluated")
    expect(verdict.decision).toBe("inconclusive")
  })

  it("includes a rule's note", async () => {
    const policy = await loadDefaultPolicy()
    expect(policy.explain(someSignals()).steps[0]?.note).toBe("An exact copy of a file on a trusted list.")
  })

  it("always agrees with the decision and gives a reason for every step", () => {
    fc.assert(
      fc.property(fc.array(anyCondition, { minLength: 1, maxLength: 5 }), anySignals, (conditions, signals) => {
        const rules = conditions.map((when, i) => ({
          name: `rule-${i}`,
          when,
          decide: i % 2 === 0 ? "review" : "block",
        }))
        const text = JSON.stringify({ name: "any", version: 1, rules, default: "clear" })
        const policy = loadPolicy(text, { fileName: "any.yaml" })
        const { steps, verdict } = policy.explain(signals)
        expect(verdict).toEqual(policy.decide(signals))
        expect(steps.find((step) => step.rule === verdict.rule)).toMatchObject({
          outcome: "held",
          decide: verdict.decision,
        })
        for (const step of steps) {
          expect(step.why).not.toBe("")
          expect(step.why).not.toContain("evaluated")
        }
      }),
    )
  })
})
