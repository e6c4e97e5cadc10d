import type { Match, Signals } from "@nightlight/core"
import { compact } from "@nightlight/core"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import { type KnownMatch, type KnownSignals, loadDefaultPolicy, loadPolicy, type Policy } from "../src/index.ts"
import { anyCondition, anySignals } from "./support/arbitraries.ts"
import { aMatch, someSignals } from "./support/builders.ts"
import { policyOf } from "./support/policies.ts"

const decisions = ["clear", "inconclusive", "review", "block", "quarantine"] as const

/** Any policy, with an exception for videos or without. */
const anyPolicy = fc
  .record({
    rules: fc.array(fc.record({ when: anyCondition, decide: fc.constantFrom(...decisions) }), {
      minLength: 1,
      maxLength: 5,
    }),
    default: fc.constantFrom(...decisions),
    excepts: fc.boolean(),
  })
  .map(({ rules, excepts, ...rest }) =>
    JSON.stringify({
      name: "any",
      version: 1,
      ...rest,
      rules: rules.map((rule, i) => ({ name: `r${i}`, ...rule })),
      ...compact({
        mediaExceptions: excepts
          ? [{ mediaType: "video/mp4", reason: "a", until: "2999-12-31", approvedBy: ["one", "two"] }]
          : undefined,
      }),
    }),
  )

/** All facts about some signals. */
function whole({
  inconclusive = "none",
  ...signals
}: Omit<Signals, "inconclusive"> & { inconclusive?: KnownSignals["inconclusive"] }): KnownSignals {
  return { ...signals, inconclusive }
}

const members = ["matches", "weakMatches", "scores", "inconclusive", "mediaType", "kind", "screened"] as const
const fields = ["list", "trust", "category", "declared", "distanceBits", "hashType", "transformation"] as const

function without<Thing extends object>(thing: Thing, names: readonly string[]): Partial<Thing> {
  return Object.fromEntries(Object.entries(thing).filter(([name]) => !names.includes(name))) as Partial<Thing>
}

/** A digest match has no transformation: its fields are known without one. */
function asMade({ transformation, quality, ...match }: Match): Match {
  if (match.hashType !== "pdq") return match
  return {
    ...match,
    ...compact({ quality, transformation }),
  }
}

const madeSignals = anySignals.map((signals) => ({ ...signals, matches: signals.matches.map(asMade) }))

describe("deciding from stored facts", () => {
  it("decides as the policy does when all facts were stored", () => {
    fc.assert(
      fc.property(anyPolicy, anySignals, (text, signals) => {
        const policy = loadPolicy(text, { fileName: "any.yaml" })
        const { decision, rule } = policy.decide(signals)
        const replayed = policy.replay(whole(signals))
        expect(replayed).toEqual({ isDecided: true, decision, rule })
      }),
      { numRuns: 500 },
    )
  })

  it("never gives a decision that the policy would not, whatever facts are missing", () => {
    fc.assert(
      fc.property(
        anyPolicy,
        madeSignals,
        fc.subarray([...members]),
        fc.subarray([...fields]),
        (text, signals, lostMembers, lostFields) => {
          const policy = loadPolicy(text, { fileName: "any.yaml" })
          const known = whole(signals)
          const matches = known.matches?.map((match) => without(match, lostFields) as KnownMatch) ?? []
          const replayed = policy.replay(without({ ...known, matches }, lostMembers))
          const { decision, rule } = policy.decide(signals)
          if (!replayed.isDecided) {
            expect(replayed.undecidedRules).not.toEqual([])
            return
          }
          expect(replayed).toEqual(
            compact({
              isDecided: true,
              decision,
              rule: replayed.rule === undefined ? undefined : rule,
            }),
          )
        },
      ),
      { numRuns: 2000 },
    )
  })

  it("gives no decision when a rule depends on a missing fact, and names that rule", () => {
    const turned = policyOf('matches.exists(m, m.orientation != "upright")', "quarantine")
    const { transformation: _, ...kept } = aMatch({ hashType: "pdq" })
    const known = { ...whole(someSignals()), matches: [kept] }
    expect(turned.replay(known)).toEqual({ isDecided: false, undecidedRules: ["a-rule"] })
    expect(turned.replay({ ...known, matches: [aMatch({ hashType: "sha256" })] })).toMatchObject({
      isDecided: true,
      decision: "review",
      rule: "floor:match",
    })
  })

  it("gives a decision that either of two rules makes, without naming a rule", () => {
    const policy = loadPolicy(
      `name: p
version: 1
rules:
  - { name: upper, when: 'kind == "picture"', decide: review }
  - { name: lower, when: 'size(matches) > 0', decide: review }
default: clear`,
      { fileName: "p.yaml" },
    )
    expect(policy.replay({ matches: [aMatch()] })).toEqual({ isDecided: true, decision: "review" })
    const bare = policy.replay({ matches: [] })
    expect(bare.isDecided === false && bare.undecidedRules.toSorted()).toEqual([
      "floor:inconclusive",
      "floor:unscreened",
      "upper",
    ])
  })

  it("does not guess whether an exception let an item pass", () => {
    const policy = policyOf(
      "size(matches) > 0",
      "review",
      "mediaExceptions: [{ mediaType: video/mp4, reason: a, until: 2999-12-31, approvedBy: [one, two] }]",
    )
    const video = { ...whole(someSignals({ mediaType: "video/mp4" })), inconclusive: "media_unsupported" } as const
    expect(policy.replay(video)).toEqual({ isDecided: true, decision: "clear", rule: "media-exception:video/mp4" })
    expect(policy.replay(without(video, ["inconclusive"]))).toEqual({
      isDecided: false,
      undecidedRules: ["media-exceptions"],
    })
    expect(policy.replay({ ...video, mediaType: "image/png" })).toMatchObject({ decision: "inconclusive" })
    const paths = policyOf(
      "size(matches) > 0",
      "review",
      "mediaExceptions: [{ mediaType: video/mp4, paths: [a], reason: a, until: 2999-12-31, approvedBy: [one, two] }]",
    )
    expect(paths.replay(video)).toEqual({ isDecided: false, undecidedRules: ["media-exceptions"] })
    expect(policy.replay({ ...video, matches: [aMatch()] })).toMatchObject({ decision: "review" })
  })
})

describe("the default policy on a stored case item", () => {
  let policy: Policy
  beforeAll(async () => {
    policy = await loadDefaultPolicy()
  })

  it("gives every decision although transformation, kind and cause were not stored", () => {
    const kept = (changes: Partial<Match>): KnownSignals => {
      const { transformation: _, ...match } = aMatch(changes)
      return { matches: [{ declared: false, ...match }], scores: [], mediaType: "image/png" }
    }
    expect(policy.replay(kept({ hashType: "sha256" }))).toMatchObject({ isDecided: true, decision: "quarantine" })
    expect(policy.replay(kept({ hashType: "md5" }))).toMatchObject({ isDecided: true, decision: "review" })
    expect(policy.replay(kept({ hashType: "pdq" }))).toEqual({
      isDecided: true,
      decision: "review",
      rule: "any-other-match",
    })
    expect(policy.replay(kept({ hashType: "sha1", trust: "test" }))).toMatchObject({ rule: "test-card" })
  })
})
