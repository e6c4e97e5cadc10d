import { describe, expect, it } from "vitest"
import { differencesOf } from "../src/screens/cases/decide/differences.ts"
import { type Draft, inclusionOf, toBody, withOthers } from "../src/screens/cases/decide/draft.ts"
import type { Decision } from "../src/screens/cases/queries.ts"

const draft: Draft = {
  rationale: "  Same bytes.  ",
  category: " shapes ",
  annotations: ["spam"],
  imminentDanger: false,
  requestsSecondReview: false,
  items: { "item-1": { included: true, annotations: ["viral"] } },
}

describe("the body of a decision", () => {
  it("names items and annotations only if the decision is reportable", () => {
    expect(toBody(draft, "18-usc-2252a", 7)).toEqual({
      version: 7,
      basis: "18-usc-2252a",
      rationale: "Same bytes.",
      imminentDanger: false,
      category: "shapes",
      annotations: ["spam"],
      items: [{ itemId: "item-1", included: true, annotations: ["viral"] }],
    })
    expect(toBody(draft, "not-violation", 7)).toMatchObject({ annotations: [], items: [] })
  })

  it("sends the template apart from the reviewer's own words, and omits an empty rationale", () => {
    const body = toBody({ ...draft, rationale: " ", template: "exact-not-viewed" }, "18-usc-2252a", 7)
    expect(body).toMatchObject({ template: { id: "exact-not-viewed", locale: "en" } })
    expect(body).not.toHaveProperty("rationale")
    expect(toBody(draft, "18-usc-2252a", 7)).not.toHaveProperty("template")
  })

  it("requests a second opinion only if the reviewer wants one", () => {
    expect(toBody(draft, "18-usc-2252a", 1)).not.toHaveProperty("requestsSecondReview")
    expect(toBody({ ...draft, requestsSecondReview: true }, "18-usc-2252a", 1)).toHaveProperty(
      "requestsSecondReview",
      true,
    )
  })
})

describe("the items in a report", () => {
  const caseItems = [
    { itemId: "item-1", strength: "exact" },
    { itemId: "item-2", strength: "near" },
    { itemId: "item-3", strength: "unverified" },
    { itemId: "item-4", strength: "other" },
  ] as const

  it("are the exact matches, until a person judges each of the others", () => {
    const untouched = inclusionOf({ items: {} }, caseItems)
    expect([untouched.included, untouched.open.length]).toEqual([1, 3])
    const one = inclusionOf({ items: { "item-2": { included: true, annotations: [] } } }, caseItems)
    expect([one.included, one.open.map(({ itemId }) => itemId)]).toEqual([2, ["item-3", "item-4"]])
  })

  it("can be included or excluded all at once, which keeps what was said about each", () => {
    const said = { "item-2": { included: true, annotations: ["viral"] } } as const
    const all = { items: withOthers({ items: said }, caseItems, true) }
    expect(inclusionOf(all, caseItems)).toMatchObject({ included: 4, open: [] })
    expect(all.items["item-2"]).toEqual(said["item-2"])
    expect(inclusionOf({ items: withOthers(all, caseItems, false) }, caseItems)).toMatchObject({
      included: 1,
      open: [],
    })
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
    items: [],
    givenAt: "2026-01-01T00:00:00.000Z",
    ...part,
  })
  const item = (part: object) => ({ itemId: "item-1", included: true, annotations: [], ...part })

  it("agree if one names an item but states nothing new about it", () => {
    expect(differencesOf(decision({}), decision({ items: [item({})] }))).toEqual([])
  })

  it("differ only in the fields that they state differently", () => {
    expect(differencesOf(decision({}), decision({ basis: "not-violation" }))).toEqual(["basis"])
    expect(differencesOf(decision({}), decision({ items: [item({ included: false })] }))).toEqual(["included"])
    expect(differencesOf(decision({}), decision({ items: [item({ classification: "A1" })] }))).toEqual([
      "classification",
    ])
    expect(differencesOf(decision({}), decision({ imminentDanger: true }))).toEqual(["danger"])
  })
})
