import { CommitmentList } from "@nightlight/contract/server"
import { COMMITMENTS, DAY_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, type Harness, settle } from "@nightlight/dev-env/server/cases"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createIndexFloor } from "../../../src/intake/lists/floor.ts"
import { commitmentRoutes } from "../../../src/oversight/commitments/routes.ts"
import { createCommitments, STATUS_MS } from "../../../src/oversight/commitments/service.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { aMatch, anItem, hex64, inDataset } from "../../casework/cases/builders.ts"
import { testApp } from "../../support/app.ts"
import { openReportEnvironment } from "../../support/report-environment.ts"
import { someConditions } from "./conditions.ts"

const db = useDatabase()
let harness: Harness
beforeAll(() => {
  harness = createHarness(db)
})

/** As they stand now, counted anew. */
async function authorisation() {
  const { commitments } = await createCommitments({ ...harness, conditions: someConditions() }).statuses()
  return (id: string) => commitments.find((each) => each.id === id)!
}

async function decideOne(of: Parameters<typeof anItem>[0], basis: "18-usc-2252a" | "not-violation") {
  const { caseId } = await harness.attach(anItem(of))
  await decide(harness, aPerson("reviewer"), caseId, { basis })
  await settle(harness, caseId)
  return caseId
}

describe("the commitments over an empty log", () => {
  it("are eleven, none of them met, and each names every control that is not proven", async () => {
    const none = { holds: false }
    const conditions = someConditions({
      "every-dataset-scanned": none,
      "guards-report": none,
      "lists-live": none,
      "nothing-overdue": none,
    })
    const { counts, commitments } = await createCommitments({ ...harness, conditions }).statuses()
    expect(commitments.map(({ id }) => id)).toEqual(COMMITMENTS.map(({ id }) => id))
    expect(counts).toEqual({ met: 0, partly: 0, notMet: 11, notApplicable: 0 })
    for (const { evidence, gaps, controls } of commitments) {
      expect(evidence).toBeUndefined()
      expect(gaps.map(({ control }) => control).toSorted()).toEqual(controls.map(({ id }) => id).toSorted())
    }
  })

  it("do not count one that the operator says does not apply, and show the reason", async () => {
    const notApplicable = { D2: "We train no models." }
    const all = await createCommitments({ ...harness, conditions: someConditions(), notApplicable }).statuses()
    expect(all.counts.notApplicable).toBe(1)
    expect(all.commitments.find(({ id }) => id === "D2")).toMatchObject({
      state: "not-applicable",
      reason: "We train no models.",
    })
  })
})

describe("a commitment's evidence", () => {
  it("is what services recorded, newest first, and goes stale when nothing follows", async () => {
    await createIndexFloor(harness).raise(1, true)
    harness.clock.move(2 * DAY_MS)
    await createIndexFloor(harness).raise(2, true)
    expect((await authorisation())("M2")).toMatchObject({
      state: "met",
      evidence: {
        control: "lists-kept-current",
        kind: "lists.index-live",
        countLastYear: 2,
        at: harness.clock.now().toISOString(),
      },
    })
    harness.clock.move(31 * DAY_MS)
    expect((await authorisation())("M2")).toMatchObject({
      state: "not-met",
      gaps: expect.arrayContaining([
        expect.objectContaining({ code: "stale", control: "lists-kept-current", ageDays: 31, freshDays: 30 }),
      ]),
    })
    harness.clock.move(365 * DAY_MS)
    expect((await authorisation())("M2").evidence).toMatchObject({ countLastYear: 0 })
  })

  it("of training data is a scan: a case of a dataset shows that something was found, not that all was looked at", async () => {
    await harness.attach(anItem({ origin: inDataset() }))
    expect((await authorisation())("D1")).toMatchObject({
      state: "not-met",
      gaps: [{ control: "dataset-scan" }, {}, {}],
    })
  })

  it("of current lists is an index with a real list, not one of test cards", async () => {
    const controlOf = async () => (await authorisation())("M2").controls.find(({ id }) => id === "lists-kept-current")
    const before = (await controlOf())?.evidence?.countLastYear
    await createIndexFloor(harness).raise(3, false)
    expect((await controlOf())?.evidence?.countLastYear).toBe(before)
  })

  it("is no decision of a test card: that proves a test, not that people decide what was found", async () => {
    await decideOne({ matches: [aMatch({ trust: "test" })] }, "not-violation")
    const reviewOf = (of: Awaited<ReturnType<typeof authorisation>>) =>
      of("M3").controls.find(({ id }) => id === "human-review")
    expect(reviewOf(await authorisation())).toMatchObject({ state: "no-evidence" })
    await decideOne({ matches: [aMatch({ trust: "unverified" })] }, "not-violation")
    expect(reviewOf(await authorisation())).toMatchObject({ state: "proven", evidence: { countLastYear: 1 } })
  })

  it("is an item that a person said AI made, included in a report", async () => {
    const annotated = async (included: boolean, annotations: readonly ["generativeAi"] | readonly ["viral"]) => {
      const origin = { kind: "account", accountKey: hex64() } as const
      const { caseId, itemId } = await harness.attach(anItem({ origin }))
      await harness.attach(anItem({ origin }))
      const judged = { itemId, included, classification: undefined, category: undefined, annotations }
      await decide(harness, aPerson("reviewer"), caseId, { items: [judged] })
      await settle(harness, caseId)
    }
    await annotated(true, ["viral"])
    await annotated(false, ["generativeAi"])
    expect((await authorisation())("M1")).toMatchObject({ state: "not-met" })
    await annotated(true, ["generativeAi"])
    expect((await authorisation())("M1")).toMatchObject({
      state: "partly",
      essential: { met: 0, of: 1 },
      evidence: { control: "ai-generated-items", countLastYear: 1 },
      gaps: [{ code: "none-yet", control: "hosted-models", essential: true }],
    })
  })

  it("does not come from a clock that runs ahead", async () => {
    const ahead = createHarness(db)
    ahead.clock.move(harness.clock.now().getTime() - ahead.clock.now().getTime() + 400 * DAY_MS)
    await createIndexFloor(ahead).raise(99, true)
    expect((await authorisation())("M2")).toMatchObject({ state: "not-met" })
    harness.clock.move(400 * DAY_MS)
    expect((await authorisation())("M2")).toMatchObject({ state: "met" })
  })

  it("counts the same in one pass as event by event, and as a reading of the whole log", async () => {
    const running = createCommitments({ ...harness, conditions: someConditions() })
    await running.statuses()
    for (const version of [100, 101, 102]) {
      await createIndexFloor(harness).raise(version, true)
      harness.clock.move(STATUS_MS)
      await running.statuses()
    }
    const [followed, anew] = [
      await running.statuses(),
      await createCommitments({ ...harness, conditions: someConditions() }).statuses(),
    ]
    expect(followed.commitments).toEqual(anew.commitments)
    const since = new Date(harness.clock.now().getTime() - 365 * DAY_MS).toISOString().slice(0, 10)
    const events = await readEvents(harness.db, { type: "lists.index-live", since })
    expect(anew.commitments.find(({ id }) => id === "M2")?.evidence?.countLastYear).toBe(events.length)
  })

  it("is counted at most every 30 seconds, once for all callers", async () => {
    const commitments = createCommitments({ ...harness, conditions: someConditions() })
    const [one, two] = await Promise.all([commitments.statuses(), commitments.statuses()])
    expect(two).toBe(one)
    await createIndexFloor(harness).raise(200, true)
    harness.clock.move(STATUS_MS - 1)
    expect(await commitments.statuses()).toBe(one)
    harness.clock.move(1)
    expect((await commitments.statuses()).at).toBe(harness.clock.now().toISOString())
  })

  it("is no report that went to the test host", async () => {
    const file = async (environment: "test" | "production") => {
      const site = await openReportEnvironment(harness, environment)
      const { caseId } = await harness.attach(anItem())
      await decide(harness, aPerson("reviewer"), caseId)
      await settle(harness, caseId)
      await site.file(caseId)
    }
    await file("test")
    expect((await authorisation())("A2").gaps[0]).toMatchObject({
      code: "no-evidence",
      control: "cybertipline-reports",
    })
    await file("production")
    expect((await authorisation())("A2")).toMatchObject({ state: "met", evidence: { kind: "report.finished" } })
  })
})

describe("GET /v1/commitments", () => {
  const actors = new Map<string, ReturnType<typeof aPerson>>()
  let app: Awaited<ReturnType<typeof testApp>>
  beforeAll(async () => {
    app = await testApp({
      authenticate: async ({ headers }) => actors.get(String(headers["x-test-person"])),
      routes: (on) =>
        commitmentRoutes(on, { commitments: createCommitments({ ...harness, conditions: someConditions() }) }),
    })
  })
  afterAll(() => app.close())

  it("answers everybody who has a role, in the contract's shape, and nobody else", async () => {
    const call = (person: ReturnType<typeof aPerson>) => {
      actors.set(person.id, person)
      return app.inject({ url: "/v1/commitments", headers: { host: "localhost", "x-test-person": person.id } })
    }
    const answer = await call(aPerson("reviewer"))
    expect(answer.statusCode).toBe(200)
    expect(CommitmentList.parse(answer.json()).commitments).toHaveLength(11)
    expect((await call(aPerson())).statusCode).toBe(403)
  })
})
