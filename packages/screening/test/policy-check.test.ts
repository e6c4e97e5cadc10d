import { compact } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { checkPolicy, formatProblem, loadPolicy } from "../src/index.ts"
import { policyText } from "./support/policies.ts"

const problemsOf = (text: string, testsText?: string): readonly string[] =>
  checkPolicy(text, compact({ fileName: "p.yaml", testsText })).map(formatProblem)

describe("checking a policy", () => {
  it("finds no problem in a valid policy", () => {
    expect(problemsOf(policyText("size(matches) > 0"))).toEqual([])
  })

  const MANY = 60_000
  it.each<[string, string, RegExp]>([
    ["brackets", "[".repeat(MANY), /p\.yaml:1:33: the file is nested more than 32 deep/],
    ["braces", `name: p\n${"{a: ".repeat(15_000)}`, /p\.yaml:2:\d+: the file is nested more than 32 deep/],
    ["dashes", "- ".repeat(MANY / 2), /nested more than 32 deep/],
    ["question marks", "? ".repeat(MANY / 2), /nested more than 32 deep/],
    ["line ends", "\n".repeat(MANY), /the file has more than 12000 parts/],
    ["comments", "#\n".repeat(MANY / 2), /more than 12000 parts/],
    ["quotes", '"'.repeat(MANY), /more than 12000 parts/],
    ["documents", "---\n".repeat(15_000), /more than 12000 parts/],
    ["keys", Array.from({ length: 6_000 }, (_, index) => `k${index}: 1`).join("\n"), /more than 12000 parts/],
    ["tags", "!a ".repeat(MANY / 3), /p\.yaml:1:1: YAML tags are not allowed here/],
    ["anchors", "- &a 1\n".repeat(8_000), /p\.yaml:1:3: YAML anchors are not allowed here/],
    ["a condition's brackets", policyText("(".repeat(2_000)), /maxDepth|at most|Too big/],
    ["a condition's negations", policyText(`(${"!".repeat(1_900)}true)`), /maxAstNodes/],
  ])("refuses tens of thousands of %s before parsing them", (_, text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(problem)])
  })

  it("finds a duplicate key in any mapping", () => {
    expect(problemsOf("name: p\nname: q\n")).toEqual([expect.stringMatching(/p\.yaml:2:1: Map keys must be unique/)])
  })

  it.each<[string, string, string]>([
    ["a syntax error", "size(matches) >", 'p.yaml:5:26: rule "a-rule": Unexpected token: EOF'],
    ["an unknown variable", "hits.exists(m, true)", 'p.yaml:5:11: rule "a-rule": Unknown variable: hits'],
    ["an unknown field", 'matches.exists(m, m.nope == "x")', 'p.yaml:5:31: rule "a-rule": No such key: nope'],
    [
      "a comparison of two types",
      "matches.exists(m, m.list == 3)",
      'p.yaml:5:29: rule "a-rule": no such overload: string == int',
    ],
    [
      "a condition that is not a boolean",
      "size(matches)",
      'p.yaml:5:11: rule "a-rule": a condition must be true or false; this one is of type int',
    ],
    [
      "a predicate that is not a boolean",
      "matches.exists(m, m.list)",
      "p.yaml:5:31: rule \"a-rule\": exists(var, predicate) predicate must return bool, got 'string'",
    ],
    [
      "a misspelt word",
      'matches.exists(m, m.trust == "trustd")',
      'p.yaml:5:40: rule "a-rule": "trustd" is not a value of "trust"; expected one of trusted, unverified, test',
    ],
    [
      "a misspelt word the other way round",
      'kind != "" && "image" == kind',
      'p.yaml:5:19: rule "a-rule": "" is not a value of "kind"; expected one of picture, text, array, archive, opaque, unknown',
    ],
    [
      "a misspelt word in a list",
      'matches.exists(m, m.hashType in ["sha1", "SHA256"])',
      'p.yaml:5:52: rule "a-rule": "SHA256" is not a value of "hashType"; expected one of md5, sha1, sha256, pdq, url',
    ],
  ])("names line and column of %s", (_, when, problem) => {
    expect(problemsOf(policyText(when))).toEqual([problem])
  })

  it.each<[string, string, string]>([
    ["double quotes", String.raw`"matches.exists(m, m.list == \"a\" && m.nope)"`, "5:51"],
    ["single quotes", "'matches.exists(m, m.list == ''a'' && m.nope)'".replaceAll("''a''", '"a"'), "5:49"],
    ["a literal block", "|\n      matches.exists(m,\n        m.nope)", "7:11"],
    ["a folded block", ">-\n      matches.exists(m,\n        true && m.nope)", "7:19"],
    ["a plain value over two lines", "matches.exists(m,\n        m.nope)", "6:11"],
  ])("finds a problem's place in %s", (_, when, place) => {
    expect(problemsOf(policyText(when))).toEqual([`p.yaml:${place}: rule "a-rule": No such key: nope`])
  })

  it("lists every problem in the order of the file", () => {
    const text = `name: Bad Name
version: 0
rules:
  - name: a-rule
    when: true
    decide: unscreened
    note: ""
  - decide: review
    whn: size(matches) > 0
default: allow
extra: 1
`
    const problems = problemsOf(text)
    expect(problems.map((problem) => problem.split(":").slice(1, 3).join(":"))).toEqual([
      "1:7",
      "2:10",
      "5:11",
      "6:13",
      "7:11",
      "8:5",
      "8:5",
      "9:5",
      "10:10",
      "11:1",
    ])
    expect(problems).toContainEqual('p.yaml:9:5: rules.1: there is no "whn" here')
    expect(problems).toContainEqual('p.yaml:11:1: there is no "extra" here')
  })

  it("refuses two rules, or two exceptions, with the same name", () => {
    const exception = "  - { mediaType: video/mp4, reason: r, until: 2030-01-01, approvedBy: [a] }\n"
    const text = policyText("true", "review", `mediaExceptions:\n${exception}${exception}`).replace(
      "default:",
      "  - { name: a-rule, when: 'false', decide: block }\ndefault:",
    )
    expect(problemsOf(text)).toEqual(["p.yaml:5:11: rules.0.when: Invalid input: expected string, received boolean"])
    expect(problemsOf(text.replace("when: true", "when: 'true'"))).toEqual([
      'p.yaml:7:13: two rules are named "a-rule"',
      'p.yaml:11:18: two exceptions name "video/mp4"',
    ])
  })

  it("accepts exceptions for one media type at several paths, and a test of a path", () => {
    const exception = (path: string) => ({
      mediaType: "video/mp4",
      paths: [path],
      reason: "r",
      until: "2030-01-01",
      approvedBy: ["a"],
    })
    const exceptions = JSON.stringify([exception("films/**"), exception("clips/**")])
    const text = policyText("inconclusive != ''", "inconclusive", `mediaExceptions: ${exceptions}`)
    const signals = (path: string) => `{ inconclusive: media_unsupported, mediaType: video/mp4, path: ${path} }`
    const tests = `tests:
  - { name: below, signals: ${signals("clips/1.mp4")}, expect: clear, on: 2029-01-01 }
  - { name: apart, signals: ${signals("1.mp4")}, expect: inconclusive, on: 2029-01-01 }
`
    expect(problemsOf(text, tests)).toEqual([])
    const results = loadPolicy(text, { fileName: "p.yaml", testsText: tests }).test()
    expect(results.map(({ name, passed }) => [name, passed])).toEqual([
      ["below", true],
      ["apart", true],
    ])
  })

  it.each([
    ["a wildcard", { mediaType: "video/*" }],
    ["no last day", { until: "never" }],
    ["an invalid day", { until: "2027-02-30" }],
    ["no approver", { approvedBy: [] }],
    ["one person twice", { approvedBy: ["a", "a"] }],
    ["no reason", { reason: "" }],
    ["no path", { paths: [] }],
    ["a path that leaves the dataset", { paths: ["films/**", "../films"] }],
    ["an absolute path", { paths: ["/films"] }],
  ])("refuses an exception with %s", (_, changes) => {
    const exception = { mediaType: "video/mp4", reason: "r", until: "2030-01-01", approvedBy: ["a"], ...changes }
    expect(problemsOf(policyText("'true'", "review", `mediaExceptions: [${JSON.stringify(exception)}]`))).toHaveLength(
      1,
    )
  })

  it("names the tests' own file for problems in the tests", () => {
    const tests = "tests:\n  - name: t\n    signals: { matches: [{ trust: trustd }] }\n    expect: maybe\n"
    expect(problemsOf(policyText("'true'"), tests)).toEqual([
      expect.stringMatching(/^p\.tests\.yaml:3:35: tests\.0\.signals\.matches\.0\.trust: /),
      expect.stringMatching(/^p\.tests\.yaml:4:13: tests\.0\.expect: /),
    ])
  })
})

describe("loading a policy", () => {
  it("throws the first problem with its place", () => {
    expect(() => loadPolicy(policyText("size(matches)"), { fileName: "p.yaml" })).toThrow(
      expect.objectContaining({
        code: "policy_invalid",
        message: expect.stringMatching(/^p\.yaml:5:11: /),
        details: { problems: 1, line: 5, column: 11 },
      }),
    )
  })

  it("gives the same digest whatever the comments, layout and tests, and another for another meaning", () => {
    const digestOf = (text: string) => loadPolicy(text, { fileName: "p.yaml" }).digest
    const text = policyText("size(matches) > 0")
    const digest = digestOf(text)
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect(digestOf(`# a comment\n${text.replace("size(matches) > 0", '"size(matches) > 0"')}\ntests: []\n`)).toBe(
      digest,
    )
    expect(digestOf(text.replace("size(matches) > 0", "size(matches) > 1"))).not.toBe(digest)
    expect(digestOf(text.replace("default: clear", "default: review"))).not.toBe(digest)
    expect(digestOf(text.replace("version: 1", "version: 2"))).not.toBe(digest)
  })
})

describe("a hostile policy", () => {
  const bomb = Array.from({ length: 9 }, (_, i) => `  - &a${i + 1} [${`*a${i}, `.repeat(9)}]`).join("\n")

  it.each<[string, string, RegExp]>([
    ["an alias bomb", `rules:\n  - &a0 x\n${bomb}\n`, /aliases are not allowed|anchors are not allowed/],
    ["one alias", policyText("&c 'true'", "review", "tests: []\n").replace("default: clear", "default: *c"), /anchors/],
    ["a tag", policyText("!!str true"), /tags are not allowed/],
    ["a foreign tag", policyText("!js/function 'x'"), /tag/],
    ["two documents", `${policyText("'true'")}---\n${policyText("'true'")}`, /multiple documents/],
    ["a key twice", `${policyText("'true'")}default: review\n`, /unique/],
    ["a merge key", policyText("'true'", "review", "<<: { default: block }\n"), /there is no "<<" here/],
    ["a prototype", policyText("'true'", "review", "__proto__: { default: block }\n"), /there is no "__proto__" here/],
    ["deep nesting", "[".repeat(60_000), /nested more than 32 deep/],
    ["deep lists", "- ".repeat(30_000), /nested more than 32 deep/],
    ["a large file", `#${"x".repeat(70_000)}`, /at most 65536 are read/],
    ["an empty file", "", /expected object/],
    ["a scalar", "true", /expected object/],
    ["no text at all", "\0\u{feff}\ud800", /./],
    [
      "too many rules",
      `name: a\nversion: 1\ndefault: clear\nrules:\n${"  - { name: x, when: 'true', decide: review }\n".repeat(101)}`,
      /<=100/,
    ],
    ["a long condition", policyText(`'true${" && true".repeat(400)}'`), /<=2000/],
    ["a deep condition", policyText(`'${"(".repeat(500)}true${")".repeat(500)}'`), /Exceeded maxDepth/],
    ["a large condition", policyText(`'${"true||".repeat(300)}true'`), /Exceeded max/],
    ["a catastrophic pattern", policyText(`'mediaType.matches("(a+)+$")'`), /"matches" is not available/],
    ["a multiplying map", policyText("'size(matches.map(m, m.list)) > 1'"), /"map" is not available/],
    ["a doubling bind", policyText(`'cel.bind(x, "a", x == x)'`), /Exceeded maxCallArguments/],
    ["joined text", policyText(`'mediaType + mediaType == ""'`), /"\+" is not available/],
    ["an index", policyText(`'matches[0].trust == "unverified"'`), /"\[\]" is not available/],
    ["a division", policyText("'1 / 0 == 1'"), /"\/" is not available/],
    ["a map literal", policyText(`'{"a": 1}.a == 1'`), /Exceeded maxMapEntries/],
    ["a conversion that can fail", policyText("'int(mediaType) == 1'"), /"int" is not available/],
    [
      "a clock",
      policyText(`'timestamp("2020-01-01T00:00:00Z") == timestamp("2020-01-01T00:00:00Z")'`),
      /"timestamp" is not available/,
    ],
    [
      "three nested lists",
      policyText("'matches.exists(a, matches.exists(b, matches.exists(c, a.list == c.list)))'"),
      /at most 2 deep/,
    ],
    ["a variable that hides another", policyText("'matches.exists(kind, true)'"), /already means something else/],
    [
      "a comprehension without a variable",
      policyText("'matches.exists(1, true)'"),
      /invalid predicate iteration variable/,
    ],
    ["a comprehension without a condition", policyText("'matches.exists(m)'"), /takes a variable and a condition/],
  ])("is refused with %s", (_, text, message) => {
    const problems = problemsOf(text)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.length).toBeLessThanOrEqual(20)
    expect(problems.join("\n")).toMatch(message)
    expect(() => loadPolicy(text, { fileName: "p.yaml" })).toThrow(expect.objectContaining({ code: "policy_invalid" }))
  })

  it("is refused when its rules cost too much together, at the rule that exceeds the limit", () => {
    const when = Array.from({ length: 12 }, () => "a.list == b.list").join(" || ")
    const rules = ["one", "two", "three"].map(
      (name) => `  - name: ${name}\n    when: matches.exists(a, weakMatches.exists(b, ${when}))\n    decide: review\n`,
    )
    const text = `name: a\nversion: 1\ndefault: clear\nrules:\n${rules.join("")}`
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^p\.yaml:9:11: up to rule "two", one decision could take \d+ steps/),
    ])
    expect(problemsOf(text.replace(rules.slice(1).join(""), ""))).toEqual([])
  })
})
