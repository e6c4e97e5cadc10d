import { describe, expect, it } from "vitest"
import { differencesOf } from "../src/screens/cases/decide/differences.ts"
import { type Draft, inclusionOf, toBody, withOthers } from "../src/screens/cases/decide/draft.ts"
import type { Decision } from "../src/screens/cases/queries.ts"

const draft: Draft = {
  rationale: "  Same bytes.  ",
  category: " shapes ",
  annotations: ["spam"],
  imminentDanger: false,
  secondOpinion: false,
  finds: { "find-1": { included: true, annotations: ["viral"] } },
}

describe("a decision's body", () => {
  it("names items and annotations of a report alone", () => {
    expect(toBody(draft, "18-usc-2252a", 7)).toEqual({
      version: 7,
      basis: "18-usc-2252a",
      rationale: "Same bytes.",
      imminentDanger: false,
      category: "shapes",
      annotations: ["spam"],
      finds: [{ findId: "find-1", included: true, annotations: ["viral"] }],
    })
    expect(toBody(draft, "not-violation", 7)).toMatchObject({ annotations: [], finds: [] })
  })

  it("says why by a template and by own words apart, and sends no words where there are none", () => {
    const body = toBody({ ...draft, rationale: " ", template: "exact-not-viewed" }, "18-usc-2252a", 7)
    expect(body).toMatchObject({ template: { id: "exact-not-viewed", locale: "en" } })
    expect(body).not.toHaveProperty("rationale")
    expect(toBody(draft, "18-usc-2252a", 7)).not.toHaveProperty("template")
  })

  it("asks for a second opinion only where the reviewer wants one", () => {
    expect(toBody(draft, "18-usc-2252a", 1)).not.toHaveProperty("secondOpinion")
    expect(toBody({ ...draft, secondOpinion: true }, "18-usc-2252a", 1)).toHaveProperty("secondOpinion", true)
  })
})

describe("what is in a report", () => {
  const finds = [
    { findId: "find-1", strength: "exact" },
    { findId: "find-2", strength: "near" },
    { findId: "find-3", strength: "lead" },
    { findId: "find-4", strength: "other" },
  ] as const

  it("is what matches exactly, until a person answers for each of the others", () => {
    const untouched = inclusionOf({ finds: {} }, finds)
    expect([untouched.included, untouched.open.length]).toEqual([1, 3])
    const one = inclusionOf({ finds: { "find-2": { included: true, annotations: [] } } }, finds)
    expect([one.included, one.open.map(({ findId }) => findId)]).toEqual([2, ["find-3", "find-4"]])
  })

  it("can be answered for all of them at once, either way, keeping what was said of each", () => {
    const said = { "find-2": { included: true, annotations: ["viral"] } } as const
    const all = { finds: withOthers({ finds: said }, finds, true) }
    expect(inclusionOf(all, finds)).toMatchObject({ included: 4, open: [] })
    expect(all.finds["find-2"]).toEqual(said["find-2"])
    expect(inclusionOf({ finds: withOthers(all, finds, false) }, finds)).toMatchObject({ included: 1, open: [] })
  })
})

describe("two decisions", () => {
  const decision = (part: Partial<Decision>): Decision => ({
    decisionId: "decision-1",
    stage: "first",
    by: "person-1",
    basis: "18-usc-2252a",
    annotations: [],
    imminentDanger: false,
    rationale: "",
    finds: [],
    givenAt: "2026-01-01T00:00:00.000Z",
    ...part,
  })
  const item = (part: object) => ({ findId: "find-1", included: true, annotations: [], ...part })

  it("are the same where one names an item only to say nothing of it", () => {
    expect(differencesOf(decision({}), decision({ finds: [item({})] }))).toEqual([])
  })

  it("differ in what they say differently, and in nothing else", () => {
    expect(differencesOf(decision({}), decision({ basis: "not-violation" }))).toEqual(["basis"])
    expect(differencesOf(decision({}), decision({ finds: [item({ included: false })] }))).toEqual(["included"])
    expect(differencesOf(decision({}), decision({ finds: [item({ classification: "A1" })] }))).toEqual([
      "classification",
    ])
    expect(differencesOf(decision({}), decision({ imminentDanger: true }))).toEqual(["danger"])
  })
})
