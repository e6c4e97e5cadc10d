import { DAY_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, type Harness } from "@nightlight/dev-env/server/cases"
import { beforeEach, describe, expect, it } from "vitest"
import { applyDanger } from "../../../src/casework/cases/danger.ts"
import { attachItem } from "../../../src/casework/cases/items/attach.ts"
import { createCases } from "../../../src/casework/cases/service.ts"
import { CLOCK_RULES } from "../../../src/casework/cases/state/knowledge.ts"
import { lockHead } from "../../../src/casework/cases/store.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { aMatch, anItem } from "./builders.ts"

const db = useDatabase()
const NEAR = [aMatch({ hashType: "pdq", distanceBits: 12, radiusBits: 31 })]

let harness: Harness
beforeEach(() => {
  harness = createHarness(db)
})

const dueIn = (at: string) => new Date(Date.parse(at) + DAY_MS).toISOString()

describe("the clock of a case", () => {
  it("starts when a match is verified, however long ago its source found it, and the case shows both times", async () => {
    const foundAt = "2026-02-01T08:00:00.000Z"
    const { caseId } = await harness.attach(anItem({ foundAt }))
    const now = harness.clock.now().toISOString()
    expect(await harness.cases.get(caseId)).toMatchObject({ knowledgeAt: now, dueAt: dueIn(now) })
    expect((await harness.cases.foundAt(caseId))?.toISOString()).toBe(foundAt)
  })

  it("starts when the source found it if counsel chose so, and never in the future", async () => {
    const deps = { ...harness.casesDeps, clockRules: { ...CLOCK_RULES, startsAt: "found" as const } }
    const attach = (foundAt: string) =>
      transact(deps, "system-intake", (tx) => attachItem(deps, tx, anItem({ foundAt })))
    const { caseId } = await attach("2026-03-01T08:00:00+01:00")
    expect(await harness.cases.get(caseId)).toMatchObject({ knowledgeAt: "2026-03-01T07:00:00.000Z" })
    const { caseId: ahead } = await attach("2036-03-01T08:00:00.000Z")
    expect((await harness.cases.get(ahead))?.knowledgeAt).toBe(harness.clock.now().toISOString())
  })

  it("starts with a flag of danger, unless counsel chose otherwise, and an earlier start is kept", async () => {
    const { caseId } = await harness.attach(anItem({ matches: NEAR }))
    expect((await harness.cases.get(caseId))?.dueAt).toBeUndefined()
    const now = harness.clock.now().toISOString()
    expect(await harness.cases.flagDanger(aPerson("reviewer"), caseId)).toMatchObject({
      danger: true,
      knowledgeAt: now,
      knowledgeBy: "person",
      dueAt: dueIn(now),
    })
    const { caseId: other } = await harness.attach(anItem({ matches: NEAR }))
    const deps = { ...harness.casesDeps, clockRules: { ...CLOCK_RULES, danger: false } }
    const left = await transact(deps, "person-1", async (tx) =>
      applyDanger(deps, tx, await lockHead(tx.trx, other), "person-1"),
    )
    expect(left).toMatchObject({ danger: true, knowledgeAt: undefined, dueAt: undefined })
    const { caseId: exact } = await harness.attach(anItem())
    harness.clock.move(DAY_MS)
    expect((await harness.cases.flagDanger(aPerson("reviewer"), exact)).knowledgeAt).toBe(now)
  })

  it("starts with a person's attestation that they viewed a whole file, unless counsel chose otherwise", async () => {
    const deps = { ...harness.casesDeps, clockRules: { ...CLOCK_RULES, attestedView: false } }
    for (const [cases, starts] of [
      [harness.cases, true],
      [createCases(deps), false],
    ] as const) {
      const { caseId } = await harness.attach(anItem({ matches: NEAR }))
      await transact(deps, "person-1", (tx) => cases.noteViewed(tx, caseId))
      expect((await harness.cases.get(caseId))?.dueAt !== undefined).toBe(starts)
      await transact(deps, "person-1", (tx) => cases.noteViewed(tx, caseId))
      const recorded = (await harness.typesOf(caseId)).filter((type) => type === "case.knowledge-recorded")
      expect(recorded).toHaveLength(starts ? 1 : 0)
    }
  })
})
