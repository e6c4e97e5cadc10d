import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, type Harness, settle } from "@nightlight/dev-env/server/cases"
import { beforeAll, describe, expect, it } from "vitest"
import { toDecisionView } from "../../../src/casework/review/views.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { aMatch, anItem, hex64 } from "../cases/builders.ts"

const db = useDatabase()
let harness: Harness
beforeAll(() => {
  harness = createHarness(db)
})

const exact = { id: "exact-not-viewed", locale: "en" } as const
const near = aMatch({ hashType: "pdq", distanceBits: 4, radiusBits: 31 })

describe("a rationale template", () => {
  it("is stored as one, with its locale, and never as the reviewer's own words", async () => {
    const { caseId } = await harness.attach(anItem())
    const person = aPerson("reviewer")
    await decide(harness, person, caseId, { template: exact, rationale: undefined })
    const { rows } = await db.database.pool.query(
      "SELECT template, template_locale, sealed FROM decisions WHERE case_id = $1",
      [caseId],
    )
    expect(rows).toEqual([{ template: "exact-not-viewed", template_locale: "en", sealed: null }])
    const [view] = (await harness.review.decisionsFor(person, caseId)).map(toDecisionView)
    expect(view).toMatchObject({ template: exact })
    expect(view).not.toHaveProperty("rationale")
    const [given] = await readEvents(db.database.kysely, { subject: caseId, type: "case.decision-given" })
    expect(given?.data).toMatchObject({ template: "exact-not-viewed" })
  })

  it("is stored separately from the reviewer's own words", async () => {
    const { caseId } = await harness.attach(anItem())
    const person = aPerson("reviewer")
    await decide(harness, person, caseId, { template: exact, rationale: "canary-own" })
    await settle(harness, caseId)
    expect(await harness.review.decisionsFor(person, caseId)).toMatchObject([
      { template: exact, rationale: "canary-own" },
    ])
  })

  it("is refused for near matches, test cards or no violation if it is only true of exact matches", async () => {
    const given = { template: exact, rationale: undefined }
    const refused = { code: "input_invalid" }
    const nearly = await harness.attach(anItem({ matches: [near] }))
    await expect(decide(harness, aPerson("reviewer"), nearly.caseId, given)).rejects.toMatchObject(refused)
    const card = await harness.attach(anItem({ matches: [aMatch({ trust: "test" })] }))
    const cleared = { ...given, basis: "not-violation" } as const
    const person = aPerson("reviewer")
    await expect(decide(harness, person, card.caseId, cleared)).rejects.toMatchObject(refused)
    await harness.cases.release(person, card.caseId)
    await decide(harness, person, card.caseId, { ...cleared, template: { id: "test-not-viewed", locale: "en" } })
    const plain = await harness.attach(anItem())
    await expect(decide(harness, aPerson("reviewer"), plain.caseId, cleared)).rejects.toMatchObject(refused)
  })

  it("that says that nothing was viewed is refused only to a person who viewed an item", async () => {
    const { caseId } = await harness.attach(anItem())
    const [looked, other] = [aPerson("reviewer"), aPerson("reviewer")]
    await transact(harness, looked.id, async ({ record }) =>
      record({ type: "viewing.shown", subject: caseId, data: { viewing: hex64() } }),
    )
    const given = { template: exact, rationale: "canary-own" }
    await expect(decide(harness, looked, caseId, given)).rejects.toMatchObject({ code: "input_invalid" })
    await harness.cases.release(looked, caseId)
    await decide(harness, other, caseId, given)
  })

  it("or own words must give the rationale", async () => {
    const { caseId } = await harness.attach(anItem())
    const silent = decide(harness, aPerson("reviewer"), caseId, { template: undefined, rationale: undefined })
    await expect(silent).rejects.toMatchObject({ code: "input_invalid" })
  })
})
