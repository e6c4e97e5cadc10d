import {
  BASES,
  CLASSIFICATIONS,
  DECISION_FILE_ANNOTATIONS,
  DECISION_REPORT_ANNOTATIONS,
} from "@nightlight/contract/server"
import { DAY_MS, DependencyError, HOUR_MS } from "@nightlight/core"
import { FILE_ANNOTATIONS, INDUSTRY_CLASSIFICATIONS, REPORT_ANNOTATIONS } from "@nightlight/cybertipline"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aDecision, aPerson, createHarness, decide, type Harness, settle } from "@nightlight/dev-env/server/cases"
import { beforeAll, describe, expect, it } from "vitest"
import { toDetail, toHistory } from "../../../src/casework/cases/views.ts"
import { settleDecision } from "../../../src/casework/review/jobs/settle-decision.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { aMatch, anItem, hex64 } from "../cases/builders.ts"

const db = useDatabase()
let harness: Harness
beforeAll(() => {
  harness = createHarness(db)
})

const near = aMatch({ hashType: "pdq", distanceBits: 4, radiusBits: 31 })

async function aCase(of: Parameters<typeof anItem>[0] = {}): Promise<string> {
  return (await harness.attach(anItem(of))).caseId
}

describe("a decision", () => {
  it("can be undone for ten seconds by the person who made it, who still holds the claim", async () => {
    const caseId = await aCase()
    const person = aPerson("reviewer")
    await decide(harness, person, caseId)
    await expect(harness.review.undo(aPerson("reviewer"), caseId)).rejects.toMatchObject({ code: "state_conflict" })
    harness.clock.move(9_999)
    const open = await harness.review.undo(person, caseId)
    expect(open).toMatchObject({ state: "open", pending: undefined, deciders: {}, claim: { by: person.id } })
    await harness.review.decide(person, caseId, aDecision({ version: open.version }))
    harness.clock.move(10_000)
    await expect(harness.review.undo(person, caseId)).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("has no effect before the time to undo is over, and then runs each hook once", async () => {
    const caseId = await aCase()
    const person = aPerson("reviewer")
    await decide(harness, person, caseId)
    const hooksOf = () => harness.settled.filter((each) => each.caseId === caseId)
    harness.clock.move(9_999)
    await harness.review.settle(caseId)
    expect((await harness.cases.get(caseId))?.state).toBe("settling")
    harness.clock.move(1)
    await Promise.all([harness.review.settle(caseId), harness.review.settle(caseId)])
    expect(hooksOf()).toEqual([
      expect.objectContaining({
        outcome: "reportable",
        basis: "18-usc-2252a",
        decidedBy: person.id,
        secondReview: "none",
      }),
    ])
  })

  it("is settled by the sweep when its own job was lost", async () => {
    const caseId = await aCase()
    await decide(harness, aPerson("reviewer"), caseId)
    harness.clock.move(10_000)
    await settleDecision(harness).run({}, new AbortController().signal)
    expect((await harness.cases.get(caseId))?.state).toBe("decided")
  })

  it("is settled although another decision's hooks fail, and that one is tried again", async () => {
    const broken = createHarness(db)
    const ids = [await aCase(), await aCase(), await aCase()]
    for (const caseId of ids) await decide(harness, aPerson("reviewer"), caseId)
    broken.clock.move(harness.clock.now().getTime() - broken.clock.now().getTime() + 10_000)
    broken.decided.push(async (_change, { caseId }) => {
      if (caseId === ids[1]) throw new DependencyError("unavailable", "not now")
    })
    const sweep = settleDecision(broken).run({}, new AbortController().signal)
    await expect(sweep).rejects.toMatchObject({ code: "unavailable" })
    const states = await Promise.all(ids.map(async (caseId) => (await harness.cases.get(caseId))?.state))
    expect(states).toEqual(["decided", "settling", "decided"])
    expect(await settle(harness, ids[1]!)).toMatchObject({ state: "decided" })
  })

  it("settles, and cannot be undone, once a clock that ran days ahead is set back", async () => {
    const caseId = await aCase()
    const person = aPerson("reviewer")
    harness.clock.move(400 * DAY_MS)
    await decide(harness, person, caseId)
    harness.clock.move(-2 * DAY_MS)
    await expect(harness.review.undo(person, caseId)).rejects.toMatchObject({ code: "state_conflict" })
    await harness.review.settle(caseId)
    expect((await harness.cases.get(caseId))?.state).toBe("decided")
    harness.clock.move(-398 * DAY_MS)
  })

  it("is refused to anybody but the case's holder, and for a case that an item has joined meanwhile", async () => {
    const origin = { kind: "account", accountKey: hex64() } as const
    const caseId = await aCase({ origin })
    const person = aPerson("reviewer")
    const { version } = (await harness.cases.get(caseId))!
    const unclaimed = harness.review.decide(person, caseId, aDecision({ version }))
    await expect(unclaimed).rejects.toMatchObject({ code: "state_conflict" })
    const held = await harness.cases.claim(person, caseId, version)
    await harness.attach(anItem({ origin }))
    const late = harness.review.decide(person, caseId, aDecision({ version: held.version }))
    await expect(late).rejects.toMatchObject({ code: "state_conflict", message: expect.stringContaining("changed") })
  })

  it("never reports a test card", async () => {
    const caseId = await aCase({ matches: [aMatch({ trust: "test" })] })
    const person = aPerson("reviewer")
    await expect(decide(harness, person, caseId)).rejects.toMatchObject({ code: "input_invalid" })
    await decide(harness, person, caseId, { basis: "not-violation" })
    expect(await settle(harness, caseId)).toMatchObject({ state: "decided", knowledgeAt: undefined })
  })

  it("names items of its own case, each once, and includes at least one in a report", async () => {
    const origin = { kind: "account", accountKey: hex64() } as const
    const { caseId, itemId } = await harness.attach(anItem({ origin }))
    const other = await harness.attach(anItem())
    const judged = { included: false, classification: undefined, category: undefined, annotations: [] }
    for (const caseItems of [
      [{ ...judged, itemId: other.itemId }],
      [
        { ...judged, itemId },
        { ...judged, itemId },
      ],
      [{ ...judged, itemId }],
    ]) {
      const refused = decide(harness, aPerson("reviewer"), caseId, { items: caseItems })
      await expect(refused).rejects.toMatchObject({ code: "input_invalid" })
      harness.clock.move(HOUR_MS)
    }
    const included = [{ ...judged, itemId, included: true }]
    const refused = decide(harness, aPerson("reviewer"), caseId, { basis: "not-violation", items: included })
    await expect(refused).rejects.toMatchObject({ code: "input_invalid" })
  })

  it("keeps its rationale sealed, and returns it with every item's judgement", async () => {
    const origin = { kind: "account", accountKey: hex64() } as const
    const first = await harness.attach(anItem({ origin }))
    const second = await harness.attach(anItem({ origin }))
    const items = [
      { itemId: second.itemId, included: true, classification: "A1", category: "c-1", annotations: ["viral"] } as const,
    ]
    await decide(harness, aPerson("reviewer"), first.caseId, { items, annotations: ["spam"], category: "c-2" })
    expect(await harness.review.decisionOf(db.database.kysely, first.caseId)).toBeUndefined()
    await settle(harness, first.caseId)
    expect(await harness.review.decisionOf(db.database.kysely, first.caseId)).toMatchObject({
      basis: "18-usc-2252a",
      outcome: "reportable",
      category: "c-2",
      annotations: ["spam"],
      rationale: "canary-rationale",
      items: [{ itemId: first.itemId, included: true, annotations: [] }, ...items],
    })
    const { rows } = await db.database.pool.query<{ text: string }>(
      "SELECT string_agg(encode(sealed, 'escape'), ' ') || (SELECT string_agg(line, ' ') FROM events) AS text FROM decisions",
    )
    expect(rows[0]!.text).not.toContain("canary")
  })

  it("flags imminent danger when it settles", async () => {
    const caseId = await aCase()
    await decide(harness, aPerson("reviewer"), caseId, { imminentDanger: true })
    expect((await harness.cases.get(caseId))?.danger).toBe(false)
    expect((await settle(harness, caseId)).danger).toBe(true)
    expect(harness.queued).toContainEqual(
      expect.objectContaining({ name: "page-person", payload: expect.objectContaining({ subject: caseId }) }),
    )
  })
})

describe("knowledge", () => {
  it("starts, if no trusted list matched, when a person decides that it is an apparent violation", async () => {
    const caseId = await aCase({ matches: [near] })
    harness.clock.move(HOUR_MS)
    const at = harness.clock.now()
    await decide(harness, aPerson("reviewer"), caseId)
    expect(await settle(harness, caseId)).toMatchObject({
      knowledgeAt: at.toISOString(),
      knowledgeBy: "person",
      dueAt: new Date(at.getTime() + 24 * HOUR_MS).toISOString(),
    })
  })

  it("is not moved by a person who decides after a trusted match", async () => {
    const at = harness.clock.now()
    const caseId = await aCase()
    harness.clock.move(HOUR_MS)
    await decide(harness, aPerson("reviewer"), caseId)
    const head = await settle(harness, caseId)
    expect(head).toMatchObject({ knowledgeAt: at.toISOString(), knowledgeBy: "trusted-match" })
  })
})

describe("a known item", () => {
  it("that was decided before opens a case that names the earlier one and copies nothing", async () => {
    const itemKey = hex64()
    const before = await aCase({ itemKey, matches: [near] })
    await decide(harness, aPerson("reviewer"), before)
    await settle(harness, before)
    const { caseId, itemId, newCase } = await harness.attach(anItem({ itemKey, matches: [near] }))
    expect(newCase).toBe(true)
    expect((await harness.cases.item(caseId, itemId))?.knownCase).toBe(before)
    expect(await harness.cases.get(caseId)).toMatchObject({ state: "open", knownItems: 1, decided: undefined })
  })
})

describe("a second review", () => {
  async function decidedOnce(of: Parameters<typeof decide>[3]) {
    const { caseId, itemId } = await harness.attach(anItem())
    const first = aPerson("reviewer")
    await decide(harness, first, caseId, of)
    return { caseId, itemId, first, head: await settle(harness, caseId) }
  }

  it.each([
    ["an exact match of a trusted list that is not reported", { basis: "not-violation" }],
    ["a mere policy violation on an exact match", { basis: "policy-violation" }],
    ["enticement", { basis: "18-usc-2422b" }],
    ["a case whose reviewer wants a second opinion", { requestsSecondReview: true }],
  ] as const)("is always asked for %s", async (_name, of) => {
    const { head, caseId } = await decidedOnce(of)
    expect(head).toMatchObject({ state: "second-review", claim: undefined, decided: undefined })
    expect(harness.settled.map((each) => each.caseId)).not.toContain(caseId)
  })

  it("is blind: before it is over only its author sees the first decision, and the time of knowledge is hidden", async () => {
    const { caseId, first, head } = await decidedOnce({ basis: "18-usc-2422b" })
    const second = aPerson("reviewer")
    expect(await harness.review.decisionsFor(second, caseId)).toEqual([])
    expect(await harness.review.decisionsFor(first, caseId)).toHaveLength(1)
    const seen = toHistory(head, await readEvents(db.database.kysely, { subject: caseId }), second.id)
    expect(JSON.stringify(seen)).not.toContain("usc-2422b")
    expect(seen.events.map(({ type }) => type)).not.toContain("case.decision-given")
    expect(JSON.stringify(seen)).not.toContain("enticement")
  })

  it("hides the purpose of viewings and reports to other authorities, which would reveal the first decision", async () => {
    const { caseId, first, head } = await decidedOnce({ basis: "18-usc-2422b" })
    const deps = { db: db.database.kysely, clock: harness.clock }
    await transact(deps, first.id, async ({ record }) => {
      record({ type: "original.requested", subject: caseId, data: { request: "orequest-1", reason: "report" } })
      record({ type: "case.referred", subject: caseId, data: { referral: "referral-1", authority: "another" } })
    })
    const events = await readEvents(db.database.kysely, { subject: caseId })
    const dataFor = (person: string) =>
      toHistory(head, events, person).events.find(({ type }) => type === "original.requested")?.data
    expect(dataFor(aPerson("reviewer").id)).toEqual({})
    expect(dataFor(first.id)).toMatchObject({ reason: "report" })
    const types = toHistory(head, events, aPerson("reviewer").id).events.map(({ type }) => type)
    expect(types).not.toContain("case.referred")
  })

  it("hides events of unknown types from everybody but their actor", async () => {
    const { head } = await decidedOnce({ basis: "18-usc-2422b" })
    const event = { seq: 1, at: "2026-01-01T00:00:00.000Z", type: "case.thought-about", actor: "person-1", data: {} }
    const seenBy = (viewer: string) => toHistory(head, [event as never], viewer).events
    expect(seenBy("person-1")).toHaveLength(1)
    expect(seenBy("person-2")).toEqual([])
  })

  it("looks the same to the second reviewer whatever the first one decided", async () => {
    const shown = []
    const first = aPerson("reviewer")
    const always = createHarness(db, { secondReviewSampling: 1 })
    always.clock.move(harness.clock.now().getTime() - always.clock.now().getTime())
    for (const basis of ["not-violation", "policy-violation", "18-usc-2422b"] as const) {
      const { caseId, itemId } = await always.attach(anItem({ matches: [aMatch({ trust: "unverified" })] }))
      const included = { itemId, included: true, classification: undefined, category: undefined, annotations: [] }
      await decide(always, first, caseId, { basis, items: basis === "18-usc-2422b" ? [included] : [] })
      const head = await settle(always, caseId)
      const detail = toDetail(head, "person-2", always.clock.now())
      const history = toHistory(head, await readEvents(db.database.kysely, { subject: caseId }), "person-2")
      const seen = JSON.stringify({
        detail,
        history,
        list: await always.review.decisionsFor(aPerson("reviewer"), caseId),
      })
      shown.push(seen.replaceAll(/(case|item|decision)-[0-9a-f-]{36}|[0-9a-f]{64}/g, "$1"))
      always.clock.move(-10_000)
    }
    expect(shown[0]).toContain("second-review")
    expect(shown[1]).toEqual(shown[0])
    expect(shown[2]).toEqual(shown[0])
  })

  it("is done by somebody else", async () => {
    const { caseId, first, head } = await decidedOnce({ basis: "18-usc-2422b" })
    const claimed = harness.cases.claim(first, caseId, head.version)
    await expect(claimed).rejects.toMatchObject({ code: "second_person_required" })
    for (
      let held = await harness.cases.claimNext(first);
      held !== undefined;
      held = await harness.cases.claimNext(first)
    ) {
      expect(held.caseId).not.toBe(caseId)
    }
  })

  it("that agrees settles the case, and a report states of a file only what both stated", async () => {
    const { itemId, caseId } = await harness.attach(anItem())
    const judge = (annotations: readonly ("viral" | "generativeAi")[]) => ({
      basis: "18-usc-2422b" as const,
      items: [{ itemId, included: true, classification: "B1" as const, category: undefined, annotations }],
    })
    await decide(harness, aPerson("reviewer"), caseId, judge(["viral", "generativeAi"]))
    await settle(harness, caseId)
    await decide(harness, aPerson("reviewer"), caseId, judge(["viral"]))
    expect((await settle(harness, caseId)).decided).toMatchObject({ secondReview: "agreed" })
    const decision = await harness.review.decisionOf(db.database.kysely, caseId)
    expect(decision?.items[0]?.annotations).toEqual(["viral"])
  })

  it("that disagrees goes to a senior reviewer who judged neither, sees both, and resolves", async () => {
    const { caseId } = await decidedOnce({ basis: "not-violation" })
    const second = aPerson("senior-reviewer")
    await decide(harness, second, caseId)
    const head = await settle(harness, caseId)
    expect(head).toMatchObject({ state: "resolution", knowledgeAt: expect.any(String) })
    for (const [person, code] of [
      [aPerson("reviewer"), "forbidden"],
      [second, "second_person_required"],
    ] as const) {
      await expect(harness.cases.claim(person, caseId, head.version)).rejects.toMatchObject({ code })
    }
    const senior = aPerson("senior-reviewer")
    expect(await harness.review.decisionsFor(senior, caseId)).toHaveLength(2)
    await decide(harness, senior, caseId)
    expect((await settle(harness, caseId)).decided).toMatchObject({ outcome: "reportable", secondReview: "resolved" })
  })

  it("can be waived by counsel only for a report", async () => {
    const counsel = aPerson("counsel")
    const report = await decidedOnce({ basis: "18-usc-2422b" })
    const waived = await harness.review.waiveSecondReview(counsel, report.caseId, "deadline")
    expect(waived.decided).toMatchObject({ secondReview: "waived", outcome: "reportable" })
    const none = await decidedOnce({ basis: "not-violation" })
    const refused = harness.review.waiveSecondReview(counsel, none.caseId, "deadline")
    await expect(refused).rejects.toMatchObject({ code: "state_conflict" })
  })

  it("is counted from the log", async () => {
    harness.clock.move(1)
    const from = harness.clock.now()
    const agreed = await decidedOnce({ basis: "18-usc-2422b" })
    await decide(harness, aPerson("reviewer"), agreed.caseId, { basis: "18-usc-2422b" })
    await settle(harness, agreed.caseId)
    const other = await decidedOnce({ basis: "not-violation" })
    await decide(harness, aPerson("reviewer"), other.caseId)
    await settle(harness, other.caseId)
    harness.clock.move(1)
    expect(await harness.review.agreement(from, harness.clock.now())).toEqual({
      requested: 2,
      byReason: { enticement: 1, "exact-not-reported": 1, requested: 0, sampled: 0 },
      agreed: 1,
      disagreed: 1,
      disagreedIn: { basis: 1, included: 1, classification: 0 },
      resolved: 0,
      waived: 0,
    })
  })

  it("is counted without its reason while somebody judges blind, as the reason would reveal the first decision", async () => {
    harness.clock.move(1)
    const from = harness.clock.now()
    const { caseId } = await decidedOnce({ basis: "not-violation" })
    harness.clock.move(1)
    const to = harness.clock.now()
    const none = { enticement: 0, "exact-not-reported": 0, requested: 0, sampled: 0 }
    expect(await harness.review.agreement(from, to)).toMatchObject({ requested: 1, byReason: none })
    await decide(harness, aPerson("reviewer"), caseId)
    await settle(harness, caseId)
    const after = await harness.review.agreement(from, to)
    expect(after).toMatchObject({ requested: 1, byReason: { ...none, "exact-not-reported": 1 } })
  })
})

it("offers NCMEC's own annotations and classifications", () => {
  expect(DECISION_FILE_ANNOTATIONS).toEqual(FILE_ANNOTATIONS)
  expect(DECISION_REPORT_ANNOTATIONS).toEqual(REPORT_ANNOTATIONS)
  expect(CLASSIFICATIONS).toEqual(INDUSTRY_CLASSIFICATIONS)
  expect(BASES).toHaveLength(7)
})
