import { randomBytes, randomUUID } from "node:crypto"
import { compact, HOUR_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, TestClock } from "@nightlight/dev-env/server/cases"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createClockGuard } from "../../../src/filing/preservation/clock-guard.ts"
import { preservationRoutes } from "../../../src/filing/preservation/routes.ts"
import { createPreservation } from "../../../src/filing/preservation/service.ts"
import type { PersonActor } from "../../../src/platform/auth/actor.ts"
import { openContextKeys } from "../../../src/platform/context-keys/context-keys.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { createAlarms } from "../../../src/staff/alarms/service.ts"
import { createApprovals } from "../../../src/staff/approvals/service.ts"
import { createPeople } from "../../../src/staff/people/service.ts"
import { testApp } from "../../support/app.ts"
import { unsignedApprovals } from "../../support/custody.ts"

const db = useDatabase()
const clock = new TestClock()
const caseId = `case-${randomUUID()}`
const evidenceId = `evidence-${randomUUID()}`
const reportId = `report-${randomUUID()}`
const counsel: PersonActor = { ...aPerson("counsel"), steppedUpUntil: new Date(8.64e15) }
let app: FastifyInstance
let caller = counsel

async function call(method: "GET" | "POST", url: string, payload?: object) {
  const headers = { host: "localhost", origin: "http://localhost" }
  const answer = await app.inject(compact({ method, url, headers, payload }))
  return { status: answer.statusCode, body: answer.json() }
}

beforeAll(async () => {
  const deps = { db: db.database.kysely, clock, contextKeys: openContextKeys(randomBytes(32)) }
  const evidenceOf = async () => [evidenceId]
  const preservation = createPreservation({
    ...deps,
    evidenceOf,
    evidenceOfAlone: evidenceOf,
  })
  app = await testApp({
    authenticate: async () => caller,
    routes: (on) =>
      preservationRoutes(on, {
        ...deps,
        preservation,
        approvals: createApprovals({ ...deps, people: createPeople(deps), signing: unsignedApprovals() }),
        guard: createClockGuard({ ...deps, alarms: createAlarms(deps) }),
        caseExists: async (id) => id === caseId,
        partsOf: async () => [evidenceId, reportId],
      }),
  })
})
afterAll(() => app.close())

describe("holds over HTTP", () => {
  it("are shown for each piece of evidence, lifted with a reason, and opening their letter is recorded", async () => {
    const placed = await call("POST", `/v1/cases/${caseId}/holds`, {
      reason: "litigation",
      reference: "canary-letter",
      until: new Date(+clock.now() + HOUR_MS).toISOString(),
    })
    const { holdId } = placed.body as { holdId: string }
    expect((await call("GET", `/v1/preservations/${evidenceId}`)).body).toMatchObject({ state: "kept", held: true })
    expect((await call("GET", "/v1/preservations")).body).toMatchObject({ evidence: [{ evidenceId, held: true }] })
    expect((await call("GET", `/v1/holds/${holdId}`)).body).toMatchObject({ reference: "canary-letter" })
    clock.move(HOUR_MS)
    expect((await call("GET", `/v1/preservations/${evidenceId}`)).body).toMatchObject({ held: false })
    expect((await call("POST", `/v1/holds/${holdId}/lift`, {})).status).toBe(400)
    expect((await call("POST", `/v1/holds/${holdId}/lift`, { why: "released" })).status).toBe(200)
    expect((await call("GET", `/v1/cases/${caseId}/preservation`)).body).toMatchObject({ evidence: [{ held: false }] })
    expect((await call("GET", "/v1/preservations/evidence-none")).status).toBe(404)
  })
})

describe("the custody of a case", () => {
  it("shows who opened and moved what of its evidence and reports, without decisions", async () => {
    const events = [
      { type: "evidence.received", subject: evidenceId },
      { type: "case.decision-given", subject: caseId, data: { outcome: "reportable" } },
      { type: "original.requested", subject: caseId },
      { type: "viewing.shown", subject: caseId, data: { viewing: "viewing-1" } },
      { type: "report.finished", subject: reportId, data: { environment: "production" } },
      { type: "viewing.shown", subject: "case-other" },
    ]
    await transact({ db: db.database.kysely, clock }, "person-9", async ({ record }) => events.map(record))
    const all = (await call("GET", `/v1/cases/${caseId}/custody`)).body as { events: { type: string; seq: number }[] }
    const types = all.events.map(({ type }) => type)
    expect(types).toEqual([
      "hold.placed",
      "hold.read",
      "hold.lifted",
      "evidence.received",
      "original.requested",
      "viewing.shown",
      "report.finished",
    ])
    const paged = (await call("GET", `/v1/cases/${caseId}/custody?limit=2`)).body as { nextSeq: number }
    expect(paged.nextSeq).toBe(all.events[2]?.seq)
    expect((await call("GET", `/v1/cases/${caseId}/custody?fromSeq=${paged.nextSeq}`)).body).toMatchObject({
      events: all.events.slice(2),
    })
  })

  it("is only for people who may see preserved evidence", async () => {
    caller = aPerson("reviewer")
    expect((await call("GET", `/v1/cases/${caseId}/custody`)).status).toBe(403)
    caller = counsel
    expect((await call("GET", "/v1/cases/case-none/custody")).status).toBe(404)
  })
})
