import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, type Harness } from "@nightlight/dev-env/server/cases"
import { beforeAll, describe, expect, it } from "vitest"
import { readEvents } from "../../src/platform/events/read.ts"
import { anItem } from "../casework/cases/builders.ts"
import { asSuperuser } from "../support/superuser.ts"

const db = useDatabase()
let harness: Harness
beforeAll(() => {
  harness = createHarness(db)
})

const run = (sql: string, ...values: readonly unknown[]) => asSuperuser(db, (owner) => owner.run(sql, ...values))
const eventsOf = async (caseId: string) =>
  (await readEvents(db.database.kysely, { subject: caseId })).map(({ type }) => type)

/** A case that a person decided to report, and that nobody has settled yet. */
async function aDecided(): Promise<string> {
  const { caseId } = await harness.attach(anItem({}))
  await decide(harness, aPerson("reviewer"), caseId)
  harness.clock.move(10_000)
  return caseId
}

const DECISIONS = "SELECT decision_id FROM decisions WHERE case_id = $1"

describe("a decision that was changed in the database", () => {
  it.each([
    ["says another basis", "UPDATE decisions SET basis = 'not-reportable' WHERE case_id = $1"],
    ["is somebody else's", "UPDATE decisions SET person_id = 'person-mallory' WHERE case_id = $1"],
    ["is another stage's", "UPDATE decisions SET stage = 'resolution' WHERE case_id = $1"],
    ["was given at another time", "UPDATE decisions SET given_at = given_at - interval '1 day' WHERE case_id = $1"],
    ["denies that somebody is in danger", "UPDATE decisions SET danger = NOT danger WHERE case_id = $1"],
    ["asks nobody else", "UPDATE decisions SET requests_second_review = NOT requests_second_review WHERE case_id = $1"],
    [
      "says why in other words",
      "UPDATE decisions SET template = 'known-file', template_locale = 'en' WHERE case_id = $1",
    ],
    ["leaves an item out", `UPDATE judgements SET included = false WHERE decision_id IN (${DECISIONS})`],
    ["classifies an item", `UPDATE judgements SET classification = 'B2' WHERE decision_id IN (${DECISIONS})`],
    ["says nothing of an item", `DELETE FROM judgements WHERE decision_id IN (${DECISIONS})`],
  ])("has nothing follow from it where it %s", async (_, sql) => {
    const caseId = await aDecided()
    await run(sql, caseId)
    await expect(harness.review.settle(caseId)).rejects.toMatchObject({
      code: "row_untrusted",
      details: { table: "decisions" },
    })
    expect(await eventsOf(caseId)).not.toContain("case.decided")
    expect((await harness.cases.get(caseId))?.state).toBe("settling")
  })

  it("is drafted into no report where it leaves an item out that it included when it was settled", async () => {
    const caseId = await aDecided()
    await harness.review.settle(caseId)
    expect(await harness.review.decisionOf(db.database.kysely, caseId)).toMatchObject({ outcome: "reportable" })
    await run(`UPDATE judgements SET included = false WHERE decision_id IN (${DECISIONS})`, caseId)
    await expect(harness.review.decisionOf(db.database.kysely, caseId)).rejects.toMatchObject({ code: "row_untrusted" })
  })

  it("has nothing follow from it where nobody gave it", async () => {
    const { caseId } = await harness.attach(anItem({}))
    const like = await aDecided()
    await run(
      `INSERT INTO decisions SELECT (jsonb_populate_record(d, jsonb_build_object('decision_id', 'decision-made-up',
         'case_id', $1::text, 'person_id', 'person-nobody', 'basis', 'not-reportable'))).* FROM decisions d
       WHERE case_id = $2`,
      caseId,
      like,
    )
    await run(
      `UPDATE cases SET state = 'settling', pending_stage = 'first',
         first_decision = 'decision-made-up', first_decider = 'person-nobody',
         undo_until = (SELECT undo_until FROM cases WHERE case_id = $2) WHERE case_id = $1`,
      caseId,
      like,
    )
    await expect(harness.review.settle(caseId)).rejects.toMatchObject({ code: "row_untrusted" })
    expect(await eventsOf(caseId)).not.toContain("case.decided")
  })
})
