import { describe, expect, it } from "vitest"
import { documentForms, type FormRecord, type FormType, validateReport } from "../src/index.ts"

const { types, report, fileDetails } = documentForms()
const record = (name: string): FormRecord => {
  const type = types[name]
  if (type?.kind !== "record") throw new Error(`expected ${name} to be a record`)
  return type
}

describe("the forms of the documents", () => {
  it("name every type that they refer to", () => {
    const names = Object.values(types).flatMap((type: FormType) => {
      if (type.kind === "scalar") return []
      const below = type.kind === "record" ? type.members : [{ type: type.content }]
      return [...below, ...type.attributes].map((one) => one.type)
    })
    expect(names.filter((name) => types[name] === undefined)).toEqual([])
    expect([types[report]?.kind, types[fileDetails]?.kind]).toEqual(["record", "record"])
  })

  it("say what must be there, what may be there often, and what excludes each other", () => {
    const members = record(report).members
    expect(members.find(({ name }) => name === "incidentSummary")).toMatchObject({ required: true, repeated: false })
    expect(members.find(({ name }) => name === "victim")).toMatchObject({ required: false, repeated: true })
    const excluding = record(fileDetails).members.filter(({ excludes }) => excludes !== undefined)
    expect(excluding.map(({ name }) => name)).toEqual(["potentialMeme", "fileAnnotations"])
    expect(new Set(excluding.map(({ excludes }) => excludes)).size).toBe(1)
  })

  it("leave out what belongs to a later edition", () => {
    const ofPerson = (version: "2025-06" | "2026-08") => {
      const person = documentForms(version).types["person"]
      return person?.kind === "record" ? person.members.map(({ name }) => name) : []
    }
    expect(ofPerson("2025-06")).not.toContain("ageAssertionDiscrepancy")
    expect(ofPerson("2026-08")).toContain("ageAssertionDiscrepancy")
  })

  it("survive JSON as they are, without a rule in them", () => {
    expect(JSON.parse(JSON.stringify(types))).toEqual(types)
  })

  it("name exactly the members that a report may have", () => {
    const known = record(report).members.map(({ name }) => name)
    const unknownIn = (names: readonly string[]) =>
      validateReport(Object.fromEntries(names.map((name) => [name, null])))
        .filter(({ code }) => code === "unknown_member")
        .map(({ message }) => message)
    expect(unknownIn(known)).toEqual([])
    expect(unknownIn([...known, "another"])).toEqual([`has 1 unknown member(s), knows ${known.join(", ")}`])
  })
})
