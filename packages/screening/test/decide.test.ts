import { compact, DECISIONS, type Decision, graver, type InconclusiveCause, type Signals } from "@nightlight/core"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import { INCONCLUSIVE_CAUSES, MAX_SIGNALS } from "../src/decide/vocabulary.ts"
import { loadDefaultPolicy, loadPolicy, mediaExceptionOf, type Policy } from "../src/index.ts"
import { anyCondition, anyMatch, anySignals } from "./support/arbitraries.ts"
import { aMatch, someSignals } from "./support/builders.ts"
import { policyOf } from "./support/policies.ts"

const rank = (decision: Decision) => DECISIONS.indexOf(decision)
const screenedPolicyDecisions = ["clear", "inconclusive", "review", "block", "quarantine"] as const

/** Any policy of a few rules, with or without an exception for MP4. */
const anyPolicy = fc
  .record({
    rules: fc.array(fc.tuple(anyCondition, fc.constantFrom(...screenedPolicyDecisions)), {
      minLength: 1,
      maxLength: 6,
    }),
    otherwise: fc.constantFrom(...screenedPolicyDecisions),
    excepts: fc.boolean(),
  })
  .map(({ rules, otherwise, excepts }) =>
    JSON.stringify(
      compact({
        name: "any",
        version: 1,
        rules: rules.map(([when, decide], i) => ({ name: `rule-${i}`, when, decide })),
        default: otherwise,
        mediaExceptions: excepts
          ? [{ mediaType: "video/mp4", reason: "r", until: "9999-12-31", approvedBy: ["a", "b"] }]
          : undefined,
      }),
    ),
  )

describe("the default policy", () => {
  let policy: Policy
  beforeAll(async () => {
    policy = await loadDefaultPolicy()
  })

  it("passes its own tests", () => {
    const results = policy.test()
    expect(results.length).toBeGreaterThanOrEqual(20)
    expect(results.filter((result) => !result.passed)).toEqual([])
  })

  it.each<[string, Decision, Partial<Signals>]>([
    ["no match", "clear", {}],
    ["SHA-256, trusted", "quarantine", { matches: [aMatch({ hashType: "sha256" })] }],
    ["SHA-1, trusted", "quarantine", { matches: [aMatch({ hashType: "sha1" })] }],
    ["MD5, trusted", "review", { matches: [aMatch({ hashType: "md5" })] }],
    ["PDQ, trusted", "review", { matches: [aMatch({ distanceBits: 0 })] }],
    ["SHA-256, unverified", "review", { matches: [aMatch({ hashType: "sha256", trust: "unverified" })] }],
    ["SHA-256, test", "quarantine", { matches: [aMatch({ hashType: "sha256", trust: "test" })] }],
    ["PDQ, test", "review", { matches: [aMatch({ trust: "test" })] }],
    ["SHA-256, trusted, declared", "review", { matches: [aMatch({ hashType: "sha256", declared: true })] }],
    ["weak PDQ", "clear", { weakMatches: [aMatch({ quality: 10 })] }],
    ["a high score", "clear", { scores: [{ classifier: "adult", label: "x", score: 1 }] }],
    ["not screened", "unscreened", { screened: false }],
  ])("on %s, decides %s", (_, decision, signals) => {
    expect(policy.decide(someSignals(signals)).decision).toBe(decision)
  })

  it.each(INCONCLUSIVE_CAUSES)("never clears an item with the cause %s", (inconclusive) => {
    expect(policy.decide(someSignals({ inconclusive }))).toMatchObject({
      decision: "inconclusive",
      rule: "not-screened",
    })
    const matched = someSignals({ inconclusive, matches: [aMatch({ hashType: "sha1" })] })
    expect(policy.decide(matched).decision).toBe("quarantine")
  })

  it("never decides more mildly when a signal is added", () => {
    const more = fc.oneof(
      anyMatch.map((match) => (signals: Signals) => ({ ...signals, matches: [...signals.matches, match] })),
      anyMatch.map((match) => (signals: Signals) => ({ ...signals, weakMatches: [...signals.weakMatches, match] })),
      fc
        .constantFrom(...INCONCLUSIVE_CAUSES)
        .map((inconclusive) => (signals: Signals) => ({ ...signals, inconclusive })),
      fc.constant((signals: Signals) => ({ ...signals, screened: false })),
    )
    fc.assert(
      fc.property(anySignals, more, (signals, add) => {
        expect(rank(policy.decide(add(signals)).decision)).toBeGreaterThanOrEqual(rank(policy.decide(signals).decision))
      }),
    )
  })

  it("gives the same verdict whatever the order of the matches, and again for the same signals", () => {
    fc.assert(
      fc.property(anySignals, (signals) => {
        const verdict = policy.decide(signals)
        expect(policy.decide({ ...signals, matches: signals.matches.toReversed() })).toEqual(verdict)
        expect(policy.decide(signals)).toEqual(verdict)
        expect(verdict.policyDigest).toBe(policy.digest)
      }),
    )
  })
})

describe("under any policy", () => {
  it("a match is at least reviewed, a failure at least inconclusive, and the rest unscreened without a list", () => {
    fc.assert(
      fc.property(anyPolicy, anySignals, (text, signals) => {
        const policy = loadPolicy(text, { fileName: "any.yaml" })
        const { decision, rule } = policy.decide(signals)
        const { inconclusive, mediaType, matches, screened } = signals
        if (matches.length > 0) expect(rank(decision)).toBeGreaterThanOrEqual(rank("review"))
        if (!screened) expect(rank(decision)).toBeGreaterThanOrEqual(rank("unscreened"))
        const excepted =
          text.includes("mediaExceptions") && inconclusive === "media_unsupported" && mediaType === "video/mp4"
        if (inconclusive !== undefined && !excepted) expect(rank(decision)).toBeGreaterThanOrEqual(rank("inconclusive"))
        if (decision === "clear" && inconclusive !== undefined) expect(rule).toBe("media-exception:video/mp4")
      }),
      { numRuns: 500 },
    )
  })

  it("the gravest rule that holds decides, the first of equally grave ones, and the order does not change the decision", () => {
    fc.assert(
      fc.property(anyPolicy, anySignals, (text, signals) => {
        const policy = loadPolicy(text, { fileName: "any.yaml" })
        const document = JSON.parse(text) as { rules: unknown[] }
        const reversed = JSON.stringify({ ...document, rules: document.rules.toReversed() })
        const verdict = policy.decide(signals)
        expect(loadPolicy(reversed, { fileName: "any.yaml" }).decide(signals).decision).toBe(verdict.decision)

        const { steps } = policy.explain(signals)
        const held = steps.filter((step) => step.outcome === "held")
        const gravest = held.reduce<Decision>((decision, step) => graver(decision, step.decide), "clear")
        expect(verdict.decision).toBe(gravest)
        const named = held.find((step) => step.decide === gravest)?.rule
        if (mediaExceptionOf(verdict) === undefined) expect(verdict.rule).toBe(named)
      }),
      { numRuns: 300 },
    )
  })

  it("unreadable signals are inconclusive", () => {
    const policy = policyOf("size(matches) > 0")
    const hostile = {
      ...someSignals(),
      get scores(): never {
        throw new Error("no scores")
      },
    }
    const broken: unknown[] = [
      undefined,
      {},
      hostile,
      { ...someSignals(), matches: [null] },
      { ...someSignals(), matches: [{}] },
      { ...someSignals(), weakMatches: [aMatch({ distanceBits: Number.NaN })] },
      { ...someSignals(), weakMatches: [aMatch({ distanceBits: 1.5 })] },
      { ...someSignals(), scores: undefined },
    ]
    for (const signals of broken) {
      expect(policy.decide(signals as Signals)).toEqual({
        decision: "inconclusive",
        rule: "floor:evaluation",
        policyDigest: policy.digest,
      })
    }
  })

  it("a condition that fails on a field of the wrong type is inconclusive and does not hide a graver rule", () => {
    const odd = someSignals({ scores: [{ classifier: "a", label: "x", score: "0.9" as unknown as number }] })
    const failing = "scores.exists(s, s.score > 0.5)"
    expect(policyOf(failing).decide(odd)).toMatchObject({ decision: "inconclusive", rule: "floor:evaluation" })
    const text = `name: p
version: 1
rules:
  - { name: failing, when: '${failing}', decide: quarantine }
  - { name: holding, when: '!screened', decide: review }
  - { name: clearing, when: 'screened', decide: clear }
default: clear`
    const policy = loadPolicy(text, { fileName: "p.yaml" })
    expect(policy.decide(odd)).toMatchObject({ decision: "inconclusive", rule: "floor:evaluation" })
    expect(policy.decide({ ...odd, screened: false })).toMatchObject({ decision: "review", rule: "holding" })
  })

  it("a condition sees only the strongest of very many matches, so that a decision stays bounded", () => {
    const many = Array.from({ length: 5000 }, (_, entry) => aMatch({ entry, hashType: "pdq" }))
    const policy = policyOf(
      `matches.exists(m, m.hashType == "sha256") && size(matches) == ${MAX_SIGNALS}`,
      "quarantine",
    )
    expect(policy.decide(someSignals({ matches: many })).decision).toBe("review")
    expect(policy.decide(someSignals({ matches: [...many, aMatch({ hashType: "sha256" })] })).decision).toBe(
      "quarantine",
    )
  })

  it("items without matches that differ in type, kind or cause get different verdicts", () => {
    const policy = policyOf('mediaType == "image/gif" && kind == "picture"', "block")
    const decide = (changes: Partial<Signals>) => policy.decide(someSignals(changes)).decision
    expect(decide({ mediaType: "image/gif" })).toBe("block")
    expect(decide({ mediaType: "image/png" })).toBe("clear")
    expect(decide({ mediaType: "image/gif", kind: "text" })).toBe("clear")
    expect(decide({ mediaType: "image/png", screened: false })).toBe("unscreened")
    expect(decide({ mediaType: "image/png", inconclusive: "polyglot" })).toBe("inconclusive")
    for (let i = 0; i < 3000; i++) expect(decide({ mediaType: `image/x-${i}` })).toBe("clear")
    expect(decide({ mediaType: "image/gif" })).toBe("block")
  })
})

describe("an item without matches", () => {
  it("is judged by its own scores, not by those of a similar item", () => {
    const policy = policyOf("scores.exists(s, s.score > 0.5)")
    const scored = (score: number) => someSignals({ scores: [{ classifier: "adult", label: "x", score }] })
    expect([0.1, 0.9, 0.1].map((score) => policy.decide(scored(score)).decision)).toEqual(["clear", "review", "clear"])
  })
})

describe("a media exception", () => {
  const exceptions = `mediaExceptions:
  - { mediaType: video/mp4, reason: screened by the supplier, until: 2027-02-28, approvedBy: [first, second] }
`
  const on = (day: string, when = 'inconclusive != ""') =>
    loadPolicy(
      `name: p\nversion: 1\nrules: [{ name: r, when: '${when}', decide: inconclusive }]\ndefault: clear\n${exceptions}`,
      { fileName: "p.yaml", clock: { now: () => new Date(day) } },
    )
  const video = someSignals({ mediaType: "video/mp4", kind: "opaque", inconclusive: "media_unsupported" })

  it("clears its media type, and the verdict says so", () => {
    const verdict = on("2027-01-01").decide(video)
    expect(verdict).toMatchObject({ decision: "clear", rule: "media-exception:video/mp4" })
    expect(mediaExceptionOf(verdict)).toBe("video/mp4")
    expect(mediaExceptionOf({ ...verdict, rule: "default" })).toBeUndefined()
  })

  it("ends after its last day", () => {
    expect(on("2027-02-28T23:59:59.999Z").decide(video).decision).toBe("clear")
    expect(on("2027-03-01T00:00:00.000Z").decide(video)).toMatchObject({ decision: "inconclusive", rule: "r" })
  })

  it("does not clear another type", () => {
    expect(on("2027-01-01").decide({ ...video, mediaType: "video/webm" }).decision).toBe("inconclusive")
  })

  it.each(INCONCLUSIVE_CAUSES.filter((cause) => cause !== "media_unsupported"))(
    "does not clear %s",
    (inconclusive: InconclusiveCause) => {
      expect(on("2027-01-01").decide({ ...video, inconclusive }).decision).toBe("inconclusive")
      expect(on("2027-01-01", "false").decide({ ...video, inconclusive })).toMatchObject({
        decision: "inconclusive",
        rule: "floor:inconclusive",
      })
    },
  )

  it("with paths clears below these alone: a file, a shard, a folder or a name anywhere", () => {
    const policy = loadPolicy(
      `name: p
version: 1
rules: [{ name: r, when: 'inconclusive != ""', decide: inconclusive }]
default: clear
mediaExceptions:
  - { mediaType: video/mp4, paths: [films, "more/**/*.tar"], reason: a, until: 2027-02-28, approvedBy: [a] }
  - { mediaType: video/mp4, paths: ["old/**"], reason: b, until: 2026-02-28, approvedBy: [b] }
  - { mediaType: video/webm, reason: c, until: 2027-02-28, approvedBy: [c] }
`,
      { fileName: "p.yaml", clock: { now: () => new Date("2027-01-01") } },
    )
    const decisionOf = (path?: string) => policy.decide(video, path).decision
    const paths = ["films/a.mp4", "x/films/b/c.mp4", "films", "more/1.tar", "more/x/2.tar"]
    expect(paths.map(decisionOf)).toEqual(paths.map(() => "clear"))
    const others = ["a.mp4", "films2/a.mp4", "more/1.zip", "x/more/1.tar", "old/a.mp4", "", undefined]
    expect(others.map(decisionOf)).toEqual(others.map(() => "inconclusive"))
    expect(policy.decide({ ...video, matches: [aMatch()] }, "films/a.mp4").decision).toBe("review")
    expect(policy.decide({ ...video, mediaType: "video/webm" }).decision).toBe("clear")
  })

  it("never clears a match or an item that was not screened", () => {
    expect(on("2027-01-01", "false").decide({ ...video, matches: [aMatch()] })).toMatchObject({
      decision: "review",
      rule: "floor:match",
    })
    expect(on("2027-01-01").decide({ ...video, screened: false })).toMatchObject({
      decision: "unscreened",
      rule: "floor:unscreened",
    })
  })

  it("does not make a matched item look screened", () => {
    const policy = on("2027-01-01", 'inconclusive != "" && size(matches) > 0')
    const { steps } = policy.explain({ ...video, matches: [aMatch()] })
    expect(steps.find((step) => step.rule === "r")?.outcome).toBe("held")
  })

  it("leaves the other rules in force", () => {
    const scored = { ...video, scores: [{ classifier: "frames", label: "x", score: 0.9 }] }
    const policy = loadPolicy(
      `name: p\nversion: 1\nrules: [{ name: r, when: 'scores.exists(s, s.score > 0.5)', decide: review }]\ndefault: clear\n${exceptions}`,
      { fileName: "p.yaml", clock: { now: () => new Date("2027-01-01") } },
    )
    expect(policy.decide(scored)).toMatchObject({ decision: "review", rule: "r" })
  })
})

describe("a policy's own tests", () => {
  it("fail with the actual decision and rule", () => {
    const policy = policyOf("size(matches) > 0", "review", "tests: [{ name: in-file, expect: clear }]\n")
    expect(policy.test()).toEqual([
      { name: "in-file", passed: true, expected: { decision: "clear" }, actual: policy.decide(someSignals()) },
    ])
    const testsText = `tests:
  - { name: wrong decision, signals: { matches: [{}] }, expect: quarantine }
  - { name: wrong rule, signals: { matches: [{}] }, expect: review, rule: another }
  - { name: right, signals: { matches: [{}] }, expect: review, rule: r }
`
    const text = "name: p\nversion: 1\nrules: [{ name: r, when: size(matches) > 0, decide: review }]\ndefault: clear\n"
    expect(
      loadPolicy(text, { fileName: "p.yaml", testsText })
        .test()
        .map(({ name, passed }) => [name, passed]),
    ).toEqual([
      ["wrong decision", false],
      ["wrong rule", false],
      ["right", true],
    ])
  })

  it("can state the day of the decision", () => {
    const text = `name: p
version: 1
rules: [{ name: r, when: 'false', decide: review }]
default: clear
mediaExceptions: [{ mediaType: video/mp4, reason: r, until: 2027-02-28, approvedBy: [a] }]
tests:
  - { name: before, on: 2027-02-28, signals: { mediaType: video/mp4, inconclusive: media_unsupported }, expect: clear }
  - { name: after, on: 2027-03-01, signals: { mediaType: video/mp4, inconclusive: media_unsupported }, expect: inconclusive }
`
    expect(
      loadPolicy(text, { fileName: "p.yaml" })
        .test()
        .map((result) => result.passed),
    ).toEqual([true, true])
  })
})
