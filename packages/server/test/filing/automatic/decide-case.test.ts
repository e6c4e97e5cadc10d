import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, type Harness } from "@nightlight/dev-env/server/cases"
import { beforeAll, expect, it } from "vitest"
import { decideAutomatically } from "../../../src/filing/automatic/decide-case.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { aMatch, anItem, hex64 } from "../../casework/cases/builders.ts"

const db = useDatabase()
let harness: Harness
beforeAll(() => {
  harness = createHarness(db)
})

const decided = (caseId: string) =>
  transact(harness, "system-automatic", (tx) => decideAutomatically(harness, tx, caseId, "authorisation-1"))

it("gives the reason of a decision under a filing authorisation by a template, because no person wrote anything", async () => {
  const { caseId } = await harness.attach(anItem())
  await decided(caseId)
  expect(await harness.review.decisionsFor(aPerson("reviewer"), caseId)).toMatchObject([
    { by: "system-automatic", template: { id: "automatic-exact", locale: "en" }, rationale: undefined },
  ])
})

it("never decides a case of which one item matched exactly and another nearly", async () => {
  const origin = { kind: "account", accountKey: hex64() } as const
  const { caseId } = await harness.attach(anItem({ origin, matches: [aMatch()] }))
  const near = aMatch({ hashType: "pdq", distanceBits: 12, radiusBits: 31 })
  expect((await harness.attach(anItem({ origin, matches: [near] }))).caseId).toBe(caseId)
  await expect(decided(caseId)).rejects.toMatchObject({ code: "state_conflict", details: { reason: "not-exact" } })
})
