import { InsightsView } from "@nightlight/contract/server"
import { DAY_MS, HOUR_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, type Harness, settle } from "@nightlight/dev-env/server/cases"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { lockCase } from "../../../src/casework/cases/change-case.ts"
import type { DecisionInput } from "../../../src/casework/review/types.ts"
import { UNATTENDED } from "../../../src/filing/reports/unattended.ts"
import { insightRoutes } from "../../../src/oversight/insights/routes.ts"
import { createInsights } from "../../../src/oversight/insights/service.ts"
import type { PersonId } from "../../../src/platform/auth/actor.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { aMatch, anItem, hex64, inDataset } from "../../casework/cases/builders.ts"
import { testApp } from "../../support/app.ts"
import { openReportEnvironment, type ReportWorklist } from "../../support/report-environment.ts"

/** Services over a database of the block's own, and what insights say of everything so far. */
function useInsights() {
  const db = useDatabase()
  const made: { harness?: Harness } = {}
  beforeAll(() => {
    made.harness = createHarness(db)
  })
  const harness = () => {
    if (made.harness === undefined) throw new Error("expected a harness")
    return made.harness
  }
  return {
    harness,
    insights: async (asked: Parameters<ReturnType<typeof createInsights>["of"]>[0] = {}) =>
      InsightsView.parse(await createInsights({ ...harness(), timeZone: "UTC" }).of(asked)),
    /** Decides a case, after it waited. */
    decided: async (
      of: Parameters<typeof anItem>[0],
      decision: Partial<DecisionInput> = {},
      waitMs = 0,
    ): Promise<string> => {
      const { caseId } = await harness().attach(anItem(of))
      harness().clock.move(waitMs)
      await decide(harness(), aPerson("reviewer"), caseId, decision)
      await settle(harness(), caseId)
      return caseId
    },
  }
}

const lead = (list: string) => ({ matches: [aMatch({ trust: "unverified", list })] })
const near = (list: string) => ({ matches: [aMatch({ list, hashType: "pdq", distanceBits: 4, radiusBits: 31 })] })

describe("cases over time", () => {
  const { harness, insights, decided } = useInsights()

  it("are counted on the days they were opened and decided, by basis, test cards left out", async () => {
    const { clock } = harness()
    await decided(lead("one"), { basis: "policy-violation" })
    await decided(near("one"), { basis: "18-usc-2252a" })
    await decided({ matches: [aMatch({ trust: "test" })] }, { basis: "not-violation" })
    clock.move(2 * DAY_MS)
    await harness().attach(anItem({ origin: inDataset() }))
    const { series, bucket } = await insights()
    expect([bucket, series.length]).toEqual(["day", 30])
    expect(series.map(({ opened, decided: count, automatic }) => [opened, count, automatic]).slice(-3)).toEqual([
      [2, 2, 0],
      [0, 0, 0],
      [1, 0, 0],
    ])
    expect(series.at(-3)?.byBasis).toMatchObject({ "policy-violation": 1, "18-usc-2252a": 1, "not-violation": 0 })
    expect(series.at(-1)?.start).toBe(`${clock.now().toISOString().slice(0, 10)}T00:00:00.000Z`)
  })

  it("name those that nobody decided apart, and leave them out of the time to a decision", async () => {
    const { caseId } = await harness().attach(anItem())
    harness().clock.move(5 * HOUR_MS)
    await transact(harness(), UNATTENDED, async (tx) => {
      await harness().review.decideImmediately(tx, await lockCase(tx.trx, caseId), {
        by: UNATTENDED as PersonId,
        basis: "18-usc-2252a",
        template: { id: "automatic-exact", locale: "en" },
      })
      tx.record({ type: "case.decided-automatically", subject: caseId })
    })
    const view = await insights()
    expect(view.series.at(-1)).toMatchObject({ opened: 2, decided: 1, automatic: 1 })
    expect(view.timeToDecision.count).toBe(2)
    expect(view.lists.find(({ list }) => list === "partner-list")).toBeUndefined()
  })

  it("add up the same by week", async () => {
    const to = harness().clock.now().toISOString()
    const from = new Date(harness().clock.now().getTime() - 200 * DAY_MS).toISOString()
    const { bucket, series } = await insights({ from, to })
    expect(bucket).toBe("week")
    const sum = (of: (each: (typeof series)[number]) => number) => series.reduce((total, each) => total + of(each), 0)
    expect([sum(({ opened }) => opened), sum(({ decided: count }) => count)]).toEqual([4, 3])
  })

  it("are open until they are decided, in classes of age, also as of an earlier time", async () => {
    const { clock } = harness()
    const before = await insights()
    expect(before.openAges).toEqual({
      at: clock.now().toISOString(),
      under1Day: 1,
      days1To3: 0,
      days3To7: 0,
      over7Days: 0,
    })
    clock.move(DAY_MS)
    await harness().attach(anItem(lead("one")))
    clock.move(6 * DAY_MS)
    await harness().attach(anItem(lead("one")))
    await harness().attach(anItem({ matches: [aMatch({ trust: "test" })] }))
    expect((await insights()).openAges).toMatchObject({ under1Day: 1, days1To3: 0, days3To7: 1, over7Days: 1 })
    const earlier = await insights({ from: "2026-03-01T00:00:00.000Z", to: "2026-03-05T00:00:00.000Z" })
    expect(earlier.openAges).toEqual({
      at: "2026-03-05T00:00:00.000Z",
      under1Day: 1,
      days1To3: 0,
      days3To7: 0,
      over7Days: 0,
    })
  })
})

describe("the time to a decision", () => {
  const { insights, decided } = useInsights()

  it("is unknown before the first decision", async () => {
    expect((await insights()).timeToDecision).toEqual({ count: 0 })
  })

  it("is the middle and the ninth of ten, from when the case was opened", async () => {
    for (let hours = 1; hours <= 10; hours++) await decided(lead("one"), { basis: "policy-violation" }, hours * HOUR_MS)
    const undo = 10
    expect((await insights()).timeToDecision).toEqual({
      count: 10,
      medianSeconds: 5 * 3600 + undo,
      p90Seconds: 9 * 3600 + undo,
    })
  })
})

describe("the precision of a list", () => {
  const { harness, insights, decided } = useInsights()

  it("is people's judgement of its matches, item by item, with those left out of a report", async () => {
    const origin = { kind: "account", accountKey: hex64() } as const
    const first = await harness().attach(anItem({ ...near("one"), origin }))
    const second = await harness().attach(anItem({ ...near("one"), origin }))
    const both = { matches: [...near("one").matches, ...near("two").matches] }
    const third = await harness().attach(anItem({ ...both, origin }))
    const judged = { classification: undefined, category: undefined, annotations: [] }
    const caseItems = [first, second, third].map(({ itemId }) => ({
      ...judged,
      itemId,
      included: itemId !== second.itemId,
    }))
    await decide(harness(), aPerson("reviewer"), first.caseId, { items: caseItems })
    await settle(harness(), first.caseId)
    await decided(lead("one"), { basis: "policy-violation" })
    await decided(lead("two"), { basis: "not-violation" })
    await decided({ matches: [aMatch({ trust: "test", list: "test-cards" })] }, { basis: "not-violation" })
    await harness().attach(anItem(lead("three")))
    const { lists } = await insights()
    expect(lists.map(({ list }) => list)).toEqual(["one", "two"])
    expect(lists[0]).toMatchObject({
      reportable: 2,
      policyViolation: 1,
      notViolation: 0,
      leftOut: 1,
      precision: { count: 3, of: 4, share: 0.75 },
      secondReviewed: { count: 0, of: 0, low: 0, high: 1 },
    })
    expect(lists[1]).toMatchObject({ reportable: 1, notViolation: 1, precision: { count: 1, of: 2 } })
  })

  it("counts an item once that was found in many places", async () => {
    const caseItem = { ...near("many"), origin: inDataset({ hostKey: hex64() }), itemKey: hex64() }
    const { caseId } = await harness().attach(anItem(caseItem))
    for (let n = 0; n < 3; n++)
      expect(await harness().attach(anItem(caseItem))).toMatchObject({ caseId, knownItem: true })
    await decide(harness(), aPerson("reviewer"), caseId)
    await settle(harness(), caseId)
    const many = (await insights()).lists.find(({ list }) => list === "many")
    expect(many).toMatchObject({ reportable: 1, precision: { count: 1, of: 1 } })
  })

  it("is shown separately if two people judged, whatever the first of them decided", async () => {
    const { caseId } = await harness().attach(anItem({ matches: [aMatch({ list: "exact" })] }))
    const [first, second, senior] = [aPerson("reviewer"), aPerson("reviewer"), aPerson("senior-reviewer")]
    await decide(harness(), first, caseId, { basis: "not-violation" })
    await settle(harness(), caseId)
    await decide(harness(), second, caseId)
    await settle(harness(), caseId)
    expect((await insights()).lists.find(({ list }) => list === "exact")).toBeUndefined()
    await decide(harness(), senior, caseId)
    await settle(harness(), caseId)
    const view = await insights()
    expect(view.lists.find(({ list }) => list === "exact")).toMatchObject({
      reportable: 1,
      notViolation: 0,
      secondReviewed: { count: 1, of: 1, share: 1 },
    })
    expect(view.agreement).toMatchObject({ requested: 1, agreed: 0, disagreed: 1, resolved: 1, waived: 0 })
    expect(view.agreementShare).toMatchObject({ count: 0, of: 1, share: 0 })
  })
})

describe("reports over time", () => {
  const { harness, insights, decided } = useInsights()
  let site: ReportWorklist
  beforeAll(async () => {
    site = await openReportEnvironment(harness())
  })

  it("count those to the production host, and say how many to the test host they left out", async () => {
    const test = await openReportEnvironment(harness(), "test")
    await test.file(await decided(near("one")))
    await test.hold(await test.approve(await decided(near("one"))))
    expect((await insights()).reports).toEqual({
      finished: 0,
      manual: 0,
      held: 0,
      retracted: 0,
      testExcluded: 1,
      detectionToSubmit: { count: 0 },
      knowledgeToSubmit: { count: 0 },
    })
  })

  it("take from the first item to the finished report, and from when it was known", async () => {
    const { clock } = harness()
    const file = async (waitMs: number) => {
      const caseId = await decided(near("one"), {}, HOUR_MS)
      const id = await site.approve(caseId)
      clock.move(waitMs)
      await site.finish(id)
      return caseId
    }
    for (const hours of [1, 2, 3]) await file(hours * HOUR_MS)
    const undo = 10
    expect((await insights()).reports).toMatchObject({
      finished: 3,
      manual: 0,
      testExcluded: 1,
      detectionToSubmit: { count: 3, medianSeconds: 3 * 3600 + undo, p90Seconds: 4 * 3600 + undo },
      knowledgeToSubmit: { count: 3, medianSeconds: 2 * 3600 + undo, p90Seconds: 3 * 3600 + undo },
    })
  })

  it("count what was filed manually among the finished, and what was held as often as it was", async () => {
    const { preparer, reports } = site
    await site.fileManually(await decided(near("one")))
    const id = await site.approve(await decided(near("one")))
    await site.hold(id)
    await reports.resume(preparer, id, (await reports.open(id)).head.version)
    await site.hold(id)
    expect((await insights()).reports).toMatchObject({ finished: 4, manual: 1, held: 2 })
  })

  it("count attempts that were retracted at the CyberTipline, only at the production host", async () => {
    const test = await openReportEnvironment(harness(), "test")
    const before = (await insights()).reports
    expect(await test.refuse(await test.approve(await decided(near("one"))))).toBe("held")
    expect((await insights()).reports).toEqual(before)
    expect(await site.refuse(await site.approve(await decided(near("one"))))).toBe("held")
    expect((await insights()).reports).toEqual({ ...before, retracted: 1, held: before.held + 1 })
  })

  it("count a case's time once: a follow-up is a report more, and no later first one", async () => {
    const { detectionToSubmit } = (await insights()).reports
    const caseId = await decided(near("one"))
    await site.file(caseId)
    harness().clock.move(3 * HOUR_MS)
    const { id } = await site.reports.draft(site.preparer, caseId, "follow-up")
    await site.reports.withdraw(site.preparer, id, 1)
    await site.fileFollowUp(caseId)
    const after = (await insights()).reports
    expect(after.finished).toBe(6)
    expect(after.detectionToSubmit.count).toBe(detectionToSubmit.count + 1)
  })
})

describe("GET /v1/insights", () => {
  const { harness, insights } = useInsights()
  const actors = new Map<string, ReturnType<typeof aPerson>>()
  let app: Awaited<ReturnType<typeof testApp>>
  beforeAll(async () => {
    app = await testApp({
      authenticate: async ({ headers }) => actors.get(String(headers["x-test-person"])),
      routes: (on) => insightRoutes(on, { insights: createInsights({ ...harness(), timeZone: "UTC" }) }),
    })
  })
  afterAll(() => app.close())
  const call = (person: ReturnType<typeof aPerson>, query = "") => {
    actors.set(person.id, person)
    return app.inject({ url: `/v1/insights${query}`, headers: { host: "localhost", "x-test-person": person.id } })
  }

  it("is for people who are responsible for the work, and not for those who only do it or run the machine", async () => {
    for (const role of ["senior-reviewer", "counsel", "auditor", "policy-editor"] as const) {
      expect((await call(aPerson(role))).json()).toEqual(await insights())
    }
    for (const role of ["reviewer", "reporter", "custodian", "administrator"] as const) {
      expect((await call(aPerson(role))).statusCode).toBe(403)
    }
  })

  it("refuses an invalid period", async () => {
    const answer = await call(aPerson("counsel"), "?from=2026-03-09T00:00:00.000Z&to=2026-03-01T00:00:00.000Z")
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { type: "input_invalid" }])
  })
})
