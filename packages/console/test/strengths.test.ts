import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { rowTitleOf, titleOf } from "../src/screens/cases/strengths.ts"
import { cases, PERSON_DECIDES } from "../src/screens/cases/words.ts"

const NONE = { exact: 0, near: 0, unverified: 0, other: 0, test: 0 }
const ROOT = join(import.meta.dirname, "../../..")

describe("the title of a case", () => {
  it("counts the items by strength of match if the strengths differ", () => {
    const mixed = { band: "exact", strengths: { ...NONE, exact: 4, near: 12 } } as const
    expect(titleOf(mixed)).toBe("4 match a known file and 12 look like a known picture")
    expect(rowTitleOf(mixed)).toBe("4 exact and 12 near")
    expect(titleOf({ band: "exact", strengths: { ...NONE, exact: 1, near: 1, other: 2 } })).toBe(
      "1 matches a known file, 1 looks like a known picture and 2 found by a rule",
    )
  })

  it("is one sentence if all matches have the same strength, and names danger if a child may be in danger", () => {
    expect(titleOf({ band: "near", strengths: { ...NONE, near: 3 } })).toBe(cases.bands.near)
    expect(titleOf({ band: "danger", strengths: { ...NONE, exact: 1, near: 3 } })).toBe(cases.bands.danger)
  })
})

describe("the instruction on a near match", () => {
  it("is the same sentence in the console, the policy and the guides", async () => {
    for (const words of [cases.suggestion.near, cases.suggestion.mixed, cases.facts.certain.near]) {
      expect(words).toContain(PERSON_DECIDES)
    }
    expect(cases.decide.include.others("12")).toContain(PERSON_DECIDES)
    const files = ["packages/screening/policy/default.yaml", "docs/guides/review-cases.md", "docs/guides/policies.md"]
    for (const file of files) expect(await flat(file), file).toContain(PERSON_DECIDES)
  })

  it("is the only one: no other sentence tells a reviewer to view an item, or not to", async () => {
    const other =
      /must (?:look|view)|(?:look|view) only if|needs? no (?:look|viewing) only|has to be (?:looked at|viewed)/i
    const docs = (await readdir(join(ROOT, "docs"), { recursive: true })).filter((name) => name.endsWith(".md"))
    for (const file of [...docs.map((name) => `docs/${name}`), "packages/screening/policy/default.yaml"]) {
      expect(await flat(file), file).not.toMatch(other)
    }
    expect(JSON.stringify(Object.values(cases.suggestion))).not.toMatch(other)
  })
})

async function flat(file: string): Promise<string> {
  return (await readFile(join(ROOT, file), "utf8")).replaceAll(/\s+/g, " ")
}
