import { compact } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, decide, settle } from "@nightlight/dev-env/server/cases"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { caseRoutes } from "../../../src/casework/cases/routes.ts"
import { exposureRoutes } from "../../../src/casework/exposure/routes.ts"
import { reviewRoutes } from "../../../src/casework/review/routes.ts"
import { viewingRoutes } from "../../../src/casework/viewings/routes.ts"
import type { PersonActor } from "../../../src/platform/auth/actor.ts"
import { testApp } from "../../support/app.ts"
import { aProvenGrant, aViewer, createViewingsHarness, type ViewingsHarness } from "../viewings/harness.ts"
import { aMatch, anItem, hex64, inDataset } from "./builders.ts"

const db = useDatabase()
let harness: ViewingsHarness
let app: FastifyInstance
const signedIn = new Map<string, PersonActor>()

beforeAll(async () => {
  harness = createViewingsHarness(db)
  app = await testApp({
    authenticate: async ({ headers }) => signedIn.get(String(headers["x-test-person"])),
    routes: (on) => {
      caseRoutes(on, { ...harness, assertDispatch: (person) => harness.exposure.assertDispatch(person) })
      reviewRoutes(on, harness)
      viewingRoutes(on, harness)
      exposureRoutes(on, harness)
    },
  })
})
afterAll(() => app.close())

function as(person: PersonActor, { steppedUp = false } = {}) {
  signedIn.set(person.id, { ...person, steppedUpUntil: steppedUp ? new Date(8.64e15) : undefined })
  return async (method: "GET" | "POST" | "PUT" | "DELETE", url: string, payload?: object) => {
    const headers = { host: "localhost", origin: "http://localhost", "x-test-person": person.id }
    const answer = await app.inject(compact({ method, url, headers, payload }))
    return { status: answer.statusCode, headers: answer.headers, body: answer.json() }
  }
}

describe("the routes of cases", () => {
  it("name the reviewer who was faster to another one", async () => {
    const { caseId } = await harness.attach(anItem())
    const [first, second] = [aPerson("reviewer"), aPerson("reviewer")]
    const { body: seen } = await as(second)("GET", `/v1/cases/${caseId}`)
    expect(await as(first)("POST", `/v1/cases/${caseId}/claim`, { version: seen.version })).toMatchObject({
      status: 200,
      body: { mine: true, claim: { by: first.id } },
    })
    expect(await as(second)("POST", `/v1/cases/${caseId}/claim`, { version: seen.version })).toMatchObject({
      status: 409,
      body: { type: "state_conflict", claimedBy: first.id, caseId },
    })
  })

  it("list the other cases of the same dataset and host, whatever their outcome, and no others", async () => {
    const origin = inDataset({ hostKey: hex64() })
    const before = await harness.attach(anItem({ origin }))
    const reviewer = aPerson("reviewer")
    await decide(harness, reviewer, before.caseId)
    await settle(harness, before.caseId)
    const { caseId } = await harness.attach(anItem({ origin }))
    await harness.attach(anItem({ origin: inDataset({ hostKey: hex64() }) }))
    const { body } = await as(reviewer)("GET", `/v1/cases/${caseId}/siblings`)
    expect(body.cases).toMatchObject([{ caseId: before.caseId, decided: { outcome: expect.any(String) } }])
  })

  it("show metadata to everybody who reads cases, and context only to the case's holder or counsel", async () => {
    const context = { url: "https://canary-9d.example/" }
    const { caseId, itemId } = await harness.attach(anItem({ context, origin: inDataset() }))
    const opened = `/v1/cases/${caseId}/items/${itemId}/context`
    const reviewer = aPerson("reviewer")
    const listed = await as(reviewer)("GET", `/v1/cases/${caseId}/items`)
    expect(listed.body.items).toHaveLength(1)
    expect(JSON.stringify(listed.body)).not.toMatch(/canary|entry/)
    expect(await as(reviewer)("GET", opened)).toMatchObject({ status: 404 })
    expect(await as(aPerson("auditor"))("GET", opened)).toMatchObject({ status: 403 })
    expect(await as(aPerson("administrator"))("GET", `/v1/cases/${caseId}`)).toMatchObject({ status: 403 })
    await as(reviewer)("POST", `/v1/cases/${caseId}/claim`, { version: (await harness.cases.get(caseId))!.version })
    expect(await as(aPerson("reporter"))("GET", opened)).toMatchObject({ status: 404 })
    for (const person of [reviewer, aPerson("counsel")]) {
      const answer = await as(person)("GET", opened)
      expect(answer.body.locations[0]).toMatchObject({ found: context, shard: "canary-shard.tar" })
    }
    expect((await harness.typesOf(caseId)).filter((type) => type === "context.read")).toHaveLength(2)
  })

  it("show reporters the context of a case that was decided as reportable, and never of a cleared one", async () => {
    for (const [basis, status] of [
      ["18-usc-2252a", 200],
      ["policy-violation", 404],
    ] as const) {
      const { caseId, itemId } = await harness.attach(anItem({ matches: [aMatch({ trust: "unverified" })] }))
      await decide(harness, aPerson("reviewer"), caseId, { basis })
      await settle(harness, caseId)
      const opened = `/v1/cases/${caseId}/items/${itemId}/context`
      expect(await as(aPerson("reporter"))("GET", opened)).toMatchObject({ status })
    }
  })

  it("order items that look alike next to each other, for the case's holder", async () => {
    const origin = { kind: "account", accountKey: hex64() } as const
    const alike = (pdq: string) => ({ fingerprint: { picture: { views: [{ pdq, quality: 100 }] } } })
    const [grey, other] = ["0".repeat(64), "f".repeat(64)]
    const ids: string[] = []
    for (const pdq of [grey, other, `${grey.slice(0, 63)}1`] as string[]) {
      ids.push((await harness.attach(anItem({ origin, context: alike(pdq) }))).itemId)
    }
    const { caseId } = (await harness.cases.list({}, { after: undefined, limit: 200 })).heads.find(
      ({ items: caseItems }) => caseItems === 3,
    )!
    const reviewer = aPerson("reviewer")
    expect((await as(reviewer)("GET", `/v1/cases/${caseId}/near`)).status).toBe(404)
    await as(reviewer)("POST", `/v1/cases/${caseId}/claim`, { version: (await harness.cases.get(caseId))!.version })
    expect((await as(reviewer)("GET", `/v1/cases/${caseId}/near`)).body).toEqual({
      order: [ids[0], ids[2], ids[1]],
      near: [
        { itemId: ids[0], alike: [{ caseId, itemId: ids[2] }] },
        { itemId: ids[2], alike: [{ caseId, itemId: ids[0] }] },
      ],
    })
  })

  it("raise an alarm when one person reads contexts in bulk", async () => {
    const { caseId, itemId } = await harness.attach(anItem())
    const counsel = aPerson("counsel")
    const raised = async () => (await harness.alarms.list(true)).filter(({ subject }) => subject === counsel.id)
    for (let reads = 1; reads <= 199; reads++) await harness.cases.contexts.read(counsel, caseId, itemId)
    expect(await raised()).toEqual([])
    await harness.cases.contexts.read(counsel, caseId, itemId)
    expect(await raised()).toMatchObject([{ code: "bulk-reading" }])
  })

  it("list page by page every case once, gravest first, and filter", async () => {
    const source = hex64()
    const trusts = ["unverified", "trusted", "test", "unverified", "trusted"] as const
    for (const trust of trusts) {
      await harness.attach(anItem({ source, matches: [aMatch({ trust, list: `list-${trust}` })] }))
    }
    const call = as(aPerson("reviewer"))
    const listed: { caseId: string; band: string; source: string }[] = []
    let cursor = ""
    do {
      const { body } = await call("GET", `/v1/cases?limit=2${cursor}`)
      listed.push(...body.cases)
      cursor = body.cursor === undefined ? "" : `&cursor=${body.cursor}`
    } while (cursor !== "")
    expect(new Set(listed.map(({ caseId }) => caseId)).size).toBe(listed.length)
    const own = listed.filter((each) => each.source === source)
    expect(own.map(({ band }) => band)).toEqual(["exact", "exact", "unverified", "unverified", "test"])
    const { body } = await call("GET", "/v1/cases?list=list-unverified&kind=direct&assignee=none")
    expect(body.cases).toHaveLength(2)
    expect((await call("GET", "/v1/cases?cursor=bm9uc2Vuc2U")).status).toBe(400)
  })

  it("count for the home screen", async () => {
    const reviewer = aPerson("reviewer")
    const { caseId } = (await as(reviewer)("POST", "/v1/cases/next")).body.case
    const { body } = await as(reviewer)("GET", "/v1/cases/counts")
    expect(body).toMatchObject({ claimedByMe: 1, overdue: 0, nextDueAt: expect.any(String) })
    expect(body.byState.open).toBeGreaterThan(0)
    const mine = await as(reviewer)("GET", "/v1/cases?assignee=me")
    expect(mine.body.cases.map((each: { caseId: string }) => each.caseId)).toEqual([caseId])
  })

  it("accept a decision only from the case's holder, and undo it", async () => {
    const { caseId } = await harness.attach(anItem())
    const reviewer = aPerson("reviewer")
    const decision = { basis: "18-usc-2252a", rationale: "canary" }
    const { version } = (await harness.cases.get(caseId))!
    expect((await as(reviewer)("POST", `/v1/cases/${caseId}/decisions`, { ...decision, version })).status).toBe(404)
    const held = (await as(reviewer)("POST", `/v1/cases/${caseId}/claim`, { version })).body
    const given = await as(reviewer)("POST", `/v1/cases/${caseId}/decisions`, { ...decision, version: held.version })
    expect(given).toMatchObject({ status: 201, body: { state: "settling", undoUntil: expect.any(String) } })
    expect((await as(aPerson("reviewer"))("GET", `/v1/cases/${caseId}`)).body.undoUntil).toBeUndefined()
    expect(await as(reviewer)("POST", `/v1/cases/${caseId}/decisions/undo`)).toMatchObject({ body: { state: "open" } })
  })

  it("refuse an unknown basis, annotation or classification", async () => {
    const { caseId, itemId } = await harness.attach(anItem())
    const reviewer = aPerson("reviewer")
    const { version } = await harness.cases.claim(reviewer, caseId, (await harness.cases.get(caseId))!.version)
    const decision = { version, basis: "18-usc-2252a", rationale: "canary" }
    for (const wrong of [
      { basis: "18-usc-1" },
      { rationale: "" },
      { annotations: ["viral"] },
      { items: [{ itemId, included: true, annotations: ["spam"] }] },
      { items: [{ itemId, included: true, classification: "C1" }] },
    ]) {
      const answer = await as(reviewer)("POST", `/v1/cases/${caseId}/decisions`, { ...decision, ...wrong })
      expect(answer).toMatchObject({ status: 400, body: { type: "input_invalid" } })
    }
  })

  it("show a decided case's decisions to its reporter", async () => {
    const { caseId } = await harness.attach(anItem())
    const reviewer = aPerson("reviewer")
    const { version } = await harness.cases.claim(reviewer, caseId, (await harness.cases.get(caseId))!.version)
    const decision = { version, basis: "18-usc-2252a", rationale: "canary-words", annotations: ["spam"] }
    await as(reviewer)("POST", `/v1/cases/${caseId}/decisions`, decision)
    const reporter = as(aPerson("reporter"))
    expect((await reporter("GET", `/v1/cases/${caseId}/decisions`)).status).toBe(404)
    await settle(harness, caseId)
    expect((await reporter("GET", `/v1/cases/${caseId}/decisions`)).body.decisions).toMatchObject([
      { basis: "18-usc-2252a", rationale: "canary-words", annotations: ["spam"], by: reviewer.id, stage: "first" },
    ])
    expect((await reporter("GET", `/v1/cases/${caseId}/history`)).body.events.at(-1).type).toBe("case.decided")
  })
})

describe("the routes of viewings", () => {
  it("need a step-up, pass on the custodian's answer uncached, and name the exhausted budget with its end", async () => {
    const viewer = await aViewer(aPerson("reviewer"))
    const found = await harness.attach(anItem())
    const { caseId, itemId } = found
    await harness.cases.claim(viewer.person, caseId, (await harness.cases.get(caseId))!.version)
    const url = `/v1/cases/${caseId}/items/${itemId}/viewings`
    const proven = await aProvenGrant(harness, found, viewer)
    const stale = await as(viewer.person)("POST", url, { proven })
    expect(stale).toMatchObject({ status: 403, body: { type: "step_up_required" } })
    const call = as(viewer.person, { steppedUp: true })
    const shown = await call("POST", url, { proven })
    expect(shown).toMatchObject({
      status: 201,
      body: { viewingId: expect.any(String), answer: { mediaType: "image/png" } },
    })
    expect(shown.headers["cache-control"]).toContain("no-store")
    await call("POST", `${url}/${shown.body.viewingId}/end`, { secondsVisible: 4 })
    const counsel = as(aPerson("counsel"), { steppedUp: true })
    await counsel("PUT", "/v1/exposure/limits", { itemsPerDay: 1 })
    const spent = await call("POST", url, { proven: await aProvenGrant(harness, found, viewer) })
    expect(spent).toMatchObject({
      status: 429,
      body: { type: "budget_reached", by: "items", until: expect.any(String) },
    })
    const { body } = await call("GET", "/v1/me/exposure")
    expect(body).toMatchObject({ viewings: 1, blocked: { by: "items" }, limits: { itemsPerDay: 1 } })
    expect((await call("PUT", "/v1/exposure/limits", { itemsPerDay: 2 })).status).toBe(403)
    await counsel("PUT", "/v1/exposure/limits", { itemsPerDay: 60 })
  })

  it("give no new case during a break, which anybody may take", async () => {
    const call = as(aPerson("reviewer"))
    expect((await call("POST", "/v1/me/break")).body).toMatchObject({ onBreakUntil: expect.any(String) })
    expect(await call("POST", "/v1/cases/next")).toMatchObject({
      status: 429,
      body: { type: "budget_reached", by: "break" },
    })
    await call("POST", "/v1/me/break/end")
    expect((await call("POST", "/v1/cases/next")).status).toBe(200)
    expect((await call("POST", "/v1/me/shift/end")).body).toMatchObject({ viewings: 0, decisions: 0 })
  })

  it("let counsel set limits after a step-up, and others read what people viewed", async () => {
    const counsel = aPerson("counsel")
    expect((await as(counsel)("PUT", "/v1/exposure/limits", { breakMinutes: 12 })).status).toBe(403)
    const set = await as(counsel, { steppedUp: true })("PUT", "/v1/exposure/limits", { breakMinutes: 12 })
    expect(set.body).toMatchObject({ breakMinutes: 12, itemsPerDay: 60 })
    expect((await as(aPerson("auditor"))("GET", "/v1/exposure")).body).toMatchObject({ limits: { breakMinutes: 12 } })
    expect((await as(aPerson("reviewer"))("GET", "/v1/exposure")).status).toBe(403)
  })
})
