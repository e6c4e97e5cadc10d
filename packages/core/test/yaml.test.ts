import { describe, expect, it } from "vitest"
import { parseYaml, type YamlSchema } from "../src/yaml/index.ts"

const file = { name: "test.yaml", hint: "Read the reference." }

/** Accepts everything except a member `bad` at any depth. */
const schema: YamlSchema<unknown> = {
  safeParse(data) {
    const issues = badIn(data, []).map((path) => ({ path, message: "is not allowed" }))
    return issues.length === 0 ? { success: true, data } : { success: false, error: { issues } }
  },
}

function badIn(value: unknown, path: readonly string[]): string[][] {
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    key === "bad" ? [[...path, key]] : badIn(member, [...path, key]),
  )
}

const refusal = (text: string, more: object = {}) => {
  try {
    parseYaml(text, schema, { ...file, ...more })
  } catch (error) {
    return error
  }
  throw new TypeError("expected a refusal")
}

describe("a configuration in YAML", () => {
  it("gives the schema's result", () => {
    expect(parseYaml("a:\n  b: [1, two]\n", schema, file)).toEqual({ a: { b: [1, "two"] } })
  })

  it("is refused with the name of each offending key and its line, and without its value", () => {
    const error = refusal("a: 1\nb:\n  bad: canary\nbad: canary\n")
    expect(error).toMatchObject({
      code: "config_invalid",
      message: "test.yaml is not usable: line 3: b.bad: is not allowed; line 4: bad: is not allowed",
      hint: "Read the reference.",
    })
  })

  it("is refused with the line when it is not YAML or has a duplicate key", () => {
    expect(String(refusal("a: [1\n"))).toContain("line ")
    expect(String(refusal("a: 1\nb: 1\na: 2\n"))).toContain("line 3: duplicate key")
  })

  it("is refused with an alias, which makes a small file large", () => {
    expect(String(refusal("a: &x [1]\nb: *x\n"))).toContain("aliases are not allowed")
  })

  it("is refused beyond its largest length, and names at most 20 problems", () => {
    expect(String(refusal("a: 12345", { maxLength: 4 }))).toContain("larger than 4 bytes")
    const many = Array.from({ length: 30 }, (_, index) => `k${index}:\n  bad: 1\n`).join("")
    expect(String(refusal(many)).split("; ")).toHaveLength(20)
  })
})
