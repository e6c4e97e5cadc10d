import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { createPatternCheck } from "../../src/checks/patterns/pattern-check.ts"
import { readPatternRules } from "../../src/checks/patterns/read-rules.ts"

const dir = mkdtempSync(join(tmpdir(), "nightlight-rules-"))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function file(name: string, text: string): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

function withPattern(pattern: string): () => unknown {
  const rules = [
    { name: "fine", decision: "block" as const, phrases: ["canary"] },
    { name: "bad", decision: "block" as const, phrases: [], patterns: ["canary", pattern] },
  ]
  return () => createPatternCheck({ name: "lists", directions: ["input"], rules, deadlineMs: 1_000 })
}

async function refusal(
  work: () => unknown,
): Promise<{ readonly code: string; readonly message: string; readonly details: object }> {
  try {
    await work()
  } catch (error) {
    return error as { code: string; message: string; details: object }
  }
  throw new Error("it was taken")
}

async function expectRefused(name: string, text: string): Promise<void> {
  const path = file(name, text)
  const error = await refusal(() => readPatternRules(path, "the list"))
  expect(error).toMatchObject({ code: "config_invalid" })
  expect(error.message).not.toContain("canary")
}

describe("loading a list of patterns", () => {
  it.each([
    ["(a+)+b", "unbounded"],
    ["(a|a)*canary", "unbounded"],
    ["canary.*tower", "unbounded"],
    ["canary{3,}", "unbounded"],
    ["(([a-z]{1,100}){1,100}){1,100}", "too_large"],
    ["[a-z]{1001}", "too_large"],
    ["(.{0,900}x){2}", "too_large"],
    [`${"(".repeat(40)}a${")".repeat(40)}`, "too_large"],
    ["[\u{10000}-\u{10ffff}]x", "too_large"],
    ["(canary)\\1", "unsupported"],
    ["(?=canary)x", "unsupported"],
    ["(?<name>canary)", "unsupported"],
    ["^canary$", "unsupported"],
    ["\\bcanary\\b", "unsupported"],
    ["ca{2}{3}", "unsupported"],
    ["canary??", "unsupported"],
    ["(canary", "syntax"],
    ["canary)", "syntax"],
    ["[canary", "syntax"],
    ["[z-a]x", "syntax"],
    ["?canary", "syntax"],
    ["canary{2,1}", "syntax"],
    ["canary\\", "syntax"],
    ["(canary)?", "matches_empty"],
    ["a?|b?", "matches_empty"],
    ["\u200b\u200b", "matches_empty"],
  ])("refuses the pattern %s: %s", async (pattern, fault) => {
    const error = await refusal(withPattern(pattern))
    expect(error).toMatchObject({ code: "config_invalid", details: { rule: 1, at: 1, fault } })
    expect(error.message).not.toContain(pattern)
  })

  it.each(["\u200b\u200b", "x".repeat(501)])(
    "refuses a phrase that is empty once normalised, or too long",
    async (phrase) => {
      const rules = [{ name: "r", decision: "block" as const, phrases: [phrase] }]
      const make = () => createPatternCheck({ name: "l", directions: ["input"], rules, deadlineMs: 1_000 })
      expect(await refusal(make)).toMatchObject({ code: "config_invalid", details: { fault: "length" } })
    },
  )

  const BOMB = `version: 1
a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
rules: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
`
  it.each([
    ["an alias bomb", BOMB],
    ["a single alias", "version: 1\nrules:\n  - &r { name: a, phrases: [canary] }\n  - *r\n"],
    ["brackets without end", `version: 1\nrules: ${"[".repeat(100_000)}`],
    ["a key twice", "version: 1\nversion: 1\nrules: []\n"],
    ["an unknown key", "version: 1\nrules:\n  - { name: a, phrases: [canary], flags: i }\n"],
    [
      "two rules of one name",
      "version: 1\nrules:\n  - { name: a, phrases: [canary] }\n  - { name: a, phrases: [tower] }\n",
    ],
    ["a rule without phrases", "version: 1\nrules:\n  - { name: a }\n"],
    ["no YAML", "\u0000\u0001: ["],
  ])("refuses YAML with %s", async (what, text) => {
    await expectRefused(`${what.replaceAll(" ", "-")}.yaml`, text)
  })

  it.each([
    ["no JSON", "{canary"],
    ["a key twice", '{"rule":"a","rule":"b","phrase":"canary"}'],
    ["neither phrase nor pattern", '{"rule":"a"}'],
    ["both", '{"rule":"a","phrase":"canary","pattern":"canary"}'],
    [
      "another decision than before",
      '{"rule":"a","phrase":"tower"}\n{"rule":"a","phrase":"canary","decision":"review"}',
    ],
    ["nothing", "\n\n"],
  ])("refuses NDJSON with %s", async (what, text) => {
    await expectRefused(`${what.replaceAll(" ", "-")}.ndjson`, text)
  })

  it("says that a file is missing, without its path", async () => {
    for (const name of ["missing.yaml", "missing.ndjson"]) {
      const error = await refusal(() => readPatternRules(join(dir, name), "the list"))
      expect(error).toMatchObject({ code: "config_invalid", message: "the list cannot be read" })
    }
  })
})

describe("a valid list", () => {
  it("gives the same rules from YAML and NDJSON", async () => {
    const yaml = file(
      "both.yaml",
      "version: 1\nrules:\n  - { name: a, category: birds, decision: review, phrases: [blue canary], patterns: ['ca.ary'] }\n",
    )
    const settings = { rule: "a", category: "birds", decision: "review" }
    const lines = [
      { ...settings, phrase: "blue canary" },
      { ...settings, pattern: "ca.ary" },
    ]
    const ndjson = file("both.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"))
    const rules = await readPatternRules(yaml, "y")
    expect(rules).toEqual(await readPatternRules(ndjson, "n"))
    expect(rules).toMatchObject([
      { name: "a", category: "birds", decision: "review", words: true, loose: true, shadow: false },
    ])
  })
})
