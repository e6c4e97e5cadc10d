import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { type AddressInfo, connect, type Socket } from "node:net"
import { LiveMessage } from "@nightlight/contract/server"
import { MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import type { FastifyInstance } from "fastify"
import { Client } from "pg"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { createMetrics, type Metrics } from "../../../src/oversight/health/metrics.ts"
import { liveRoutes } from "../../../src/oversight/live/routes.ts"
import { createLive, type LiveTimes, STREAMS_PER_PERSON } from "../../../src/oversight/live/service.ts"
import type { Role } from "../../../src/platform/auth/actor.ts"
import { openCustodianClient } from "../../../src/platform/custodian/client.ts"
import type { EventInput } from "../../../src/platform/events/append.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { meRoutes } from "../../../src/staff/sign-in/me-routes.ts"
import { createAuthenticate } from "../../../src/staff/sign-in/sessions/authenticate.ts"
import { collectLog, testApp, type Written } from "../../support/app.ts"
import { addMember, type Member, openStaff, type Staff } from "../../support/staff.ts"
import { openStream, type Stream } from "./stream.ts"

const db = useDatabase()
/** As often as possible, and what is not tested in a test never. */
const TIMES: LiveTimes = { pollMs: 5, keepAliveMs: 3_600_000, recheckMs: 3_600_000 }

interface Installation extends AsyncDisposable {
  readonly app: FastifyInstance
  readonly metrics: Metrics
  readonly log: Written
  readonly port: number
}

let staff: Staff
let installation: Installation
beforeAll(async () => {
  staff = await openStaff(db.database)
  installation = await openInstallation()
})
afterAll(async () => {
  await installation.app.close()
  await staff.app.close()
})

/** A server that listens on a port of its own. */
async function openInstallation(times: Partial<LiveTimes> = {}): Promise<Installation> {
  const { signIn, keys, people } = staff
  const authenticate = createAuthenticate({ signIn, keys })
  const live = createLive({ db: staff.db }, { ...TIMES, ...times })
  const [metrics, log] = [createMetrics(), collectLog()]
  const app = await testApp({
    authenticate,
    metrics,
    destination: log,
    routes: (on) => {
      liveRoutes(on, { live, authenticate })
      meRoutes(on, { signIn, people, custodian: openCustodianClient("/nowhere/custodian.sock") })
    },
  })
  await app.listen({ host: "127.0.0.1", port: 0 })
  const { port } = app.server.address() as AddressInfo
  return { app, metrics, log, port, [Symbol.asyncDispose]: () => app.close() }
}

async function signedIn(...roles: readonly Role[]): Promise<Member> {
  const member = await addMember(staff, ...roles)
  await member.signIn()
  return member
}

const cookieOf = ({ browser }: Member) => `nightlight=${browser.cookies.get("nightlight")}`
const listen = (member: Member, site: Installation = installation): Promise<Stream> =>
  openStream(site.port, cookieOf(member))
const append = (events: readonly EventInput[], actor = "system-test") =>
  transact(staff, actor, async ({ record }) => {
    for (const event of events) record(event)
  })
const caseChanged = (subject = `case-${randomUUID()}`) =>
  append([{ type: "case.claimed", subject }]).then(() => subject)
const seenAt = async (member: Member) =>
  (await staff.db.selectFrom("sessions").select("seen_at").where("person_id", "=", member.id).execute())[0]?.seen_at

describe("a stream of live updates", () => {
  it("names the topic and the id of what changed after it was opened, and nothing from before", async () => {
    const ada = await signedIn("reviewer")
    await caseChanged()
    using stream = await listen(ada)
    expect(stream.answer.statusCode).toBe(200)
    expect(stream.answer.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    })
    const caseId = await caseChanged()
    expect(await stream.next()).toEqual({ topics: ["cases"], subjects: [caseId] })
  })

  it("tells each listener what they may read of everything committed at once, in one message", async () => {
    const [caseId, reportId] = [`case-${randomUUID()}`, `report-${randomUUID()}`]
    const members: Member[] = []
    for (const role of ["reviewer", "senior-reviewer", "administrator", "auditor"] as const) {
      members.push(await signedIn(role))
    }
    const streams = await Promise.all(members.map((member) => listen(member)))
    await append([
      { type: "case.decision-given", subject: caseId },
      { type: "item.judged", subject: caseId },
      { type: "report.drafted", subject: reportId },
      { type: "source.enrolled", subject: "lab" },
    ])
    const both = { topics: ["cases", "reports"], subjects: [caseId, reportId] }
    expect(await Promise.all(streams.map((stream) => stream.next()))).toEqual([
      { topics: ["cases"], subjects: [caseId] },
      both,
      { topics: ["sources"] },
      { ...both, topics: ["cases", "reports", "sources", "audit"] },
    ])
    const next = await caseChanged()
    expect(await streams[0]?.next()).toEqual({ topics: ["cases"], subjects: [next] })
    for (const stream of streams) stream[Symbol.dispose]()
  })

  it("says neither who did what, nor what it was", async () => {
    const ada = await signedIn("reviewer", "senior-reviewer")
    using stream = await listen(ada)
    const subject = `case-${randomUUID()}`
    const data = { basis: "canary-basis", by: "person-canary", differ: ["canary-differ"] }
    await append([{ type: "case.disagreed", subject, data }], "person-canary")
    const message = await stream.next()
    expect(LiveMessage.parse(message)).toEqual({ topics: ["cases"], subjects: [subject] })
    expect(JSON.stringify(message)).not.toMatch(/canary|disagreed/)
  })

  it("names no id where there are too many, or where one of the changes has none", async () => {
    const ada = await signedIn("reporter")
    using stream = await listen(ada)
    const opened = Array.from({ length: 101 }, () => ({ type: "case.opened", subject: `case-${randomUUID()}` }))
    await append(opened)
    expect(await stream.next()).toEqual({ topics: ["cases"] })
    await append([
      { type: "filing.paused", subject: "installation" },
      { type: "report.edited", subject: "report-1" },
    ])
    expect(await stream.next()).toEqual({ topics: ["reports"] })
  })

  it("does not announce that somebody read something: a page that reloads because of it would never stop", async () => {
    const ada = await signedIn("auditor")
    using stream = await listen(ada)
    await append([
      { type: "audit.searched", subject: "log" },
      { type: "report.read", subject: "report-1" },
    ])
    const caseId = await caseChanged()
    expect(await stream.next()).toEqual({ topics: ["cases", "audit"], subjects: [caseId] })
  })

  it("tells a person of their own exposure, and of nobody else's", async () => {
    const [ada, bob] = [await signedIn("reviewer"), await signedIn("reviewer")]
    using stream = await listen(ada)
    await append([{ type: "break.started", subject: bob.id }], bob.id)
    await append([{ type: "exposure.limits-set", subject: ada.id }])
    expect(await stream.next()).toEqual({ topics: ["exposure"] })
    const caseId = await caseChanged()
    expect(await stream.next()).toEqual({ topics: ["cases"], subjects: [caseId] })
  })

  it("continues where it was after the database was away", async () => {
    const ada = await signedIn("reviewer")
    using stream = await listen(ada)
    const superuser = new Client(db.superuser)
    await superuser.connect()
    await superuser.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    await superuser.end()
    const caseId = await vi.waitFor(() => caseChanged(), { timeout: 20_000 })
    expect(await stream.next()).toEqual({ topics: ["cases"], subjects: [caseId] })
  })

  it("is not counted in the times of answers", async () => {
    await using counted = await openInstallation()
    const ada = await signedIn()
    using stream = await listen(ada, counted)
    await ada.browser.call("POST", "/v1/sign-out")
    await stream.ended()
    await vi.waitFor(() => expect(counted.log.lines.join("")).toContain('"route":"/v1/live"'), { timeout: 20_000 })
    using refused = await openStream(counted.port, "nightlight=none")
    expect(refused.answer.statusCode).toBe(401)
    await vi.waitFor(
      async () => {
        const lines = (await counted.metrics.render()).split("\n").filter((line) => line.includes("/v1/live"))
        expect(lines).toContain('nightlight_http_requests_total{method="GET",route="/v1/live",status="4xx"} 1')
        expect(lines.filter((line) => line.includes("2xx"))).toEqual([])
      },
      { timeout: 20_000 },
    )
  })

  it("is kept open by comments while nothing changes", async () => {
    await using quiet = await openInstallation({ keepAliveMs: 10 })
    using stream = await listen(await signedIn(), quiet)
    await stream.comment()
    await stream.comment()
  })
})

describe("a listener", () => {
  it("is signed in, and a person", async () => {
    const stranger = await openStream(installation.port, "nightlight=none")
    expect(stranger.answer.statusCode).toBe(401)
    const boss = await signedIn("administrator")
    const { token } = await staff.keys.make(await boss.actor(), {
      name: "scanner",
      scopes: ["screen"],
      expiresInDays: 1,
    })
    const answer = await installation.app.inject({
      url: "/v1/live",
      headers: { host: "localhost", authorization: `Bearer ${token}` },
    })
    expect(answer.statusCode).toBe(403)
  })

  it.each([
    ["signs out", (ada: Member) => ada.browser.call("POST", "/v1/sign-out")],
    [
      "loses a role",
      async (ada: Member, boss: Member) => staff.people.removeRole(await boss.actor(), ada.id, "reviewer"),
    ],
    [
      "may do more",
      async (ada: Member, boss: Member) => staff.people.recordTraining(await boss.actor(), ada.id, staff.clock.now()),
    ],
    ["is deactivated", async (ada: Member, boss: Member) => staff.people.deactivate(await boss.actor(), ada.id)],
  ])("hears nothing more from when they %s: the stream ends", async (_, approval) => {
    const [ada, boss] = [await signedIn("reviewer"), await signedIn("administrator")]
    using stream = await listen(ada)
    await approval(ada, boss)
    await stream.ended()
    expect(stream.answer.complete).toBe(true)
  })

  it("keeps receiving while others come and go", async () => {
    const [ada, boss] = [await signedIn("reviewer"), await signedIn("administrator")]
    const bob = await signedIn("reviewer")
    using stream = await listen(ada)
    await staff.people.deactivate(await boss.actor(), bob.id)
    const caseId = await caseChanged()
    expect(await stream.next()).toEqual({ topics: ["cases"], subjects: [caseId] })
  })

  it("does not keep a session alive, and cannot return to an ended one", async () => {
    await using watchful = await openInstallation({ recheckMs: 0, keepAliveMs: 10 })
    const ada = await signedIn("reviewer")
    const before = await seenAt(ada)
    using stream = await listen(ada, watchful)
    staff.clock.move(29 * MINUTE_MS)
    await stream.comment()
    const caseId = await caseChanged()
    expect(await stream.next()).toEqual({ topics: ["cases"], subjects: [caseId] })
    using again = await listen(ada, watchful)
    expect(again.answer.statusCode).toBe(200)
    expect(await seenAt(ada)).toEqual(before)
    staff.clock.move(2 * MINUTE_MS)
    await stream.ended()
    await again.ended()
    using late = await listen(ada, watchful)
    expect(late.answer.statusCode).toBe(401)
  })

  it("reads what changed without keeping the session alive either, if the page says that it does so by itself", async () => {
    const ada = await signedIn("reviewer")
    const before = await seenAt(ada)
    const me = (headers: Record<string, string>) =>
      installation.app.inject({ url: "/v1/me", headers: { host: "localhost", cookie: cookieOf(ada), ...headers } })
    staff.clock.move(29 * MINUTE_MS)
    expect((await me({ "nightlight-background": "1" })).statusCode).toBe(200)
    expect(await seenAt(ada)).toEqual(before)
    expect((await me({})).statusCode).toBe(200)
    expect(await seenAt(ada)).not.toEqual(before)
    staff.clock.move(31 * MINUTE_MS)
    expect((await me({ "nightlight-background": "1" })).statusCode).toBe(401)
  })

  it(`listens on ${STREAMS_PER_PERSON} pages, not on one more before another is closed`, async () => {
    const [ada, bob] = [await signedIn(), await signedIn()]
    const streams = await Promise.all(Array.from({ length: STREAMS_PER_PERSON }, () => listen(ada)))
    const oneMore = async (member: Member) => {
      using stream = await listen(member)
      return stream.answer.statusCode
    }
    expect(await oneMore(ada)).toBe(429)
    expect(await oneMore(bob)).toBe(200)
    streams.pop()?.[Symbol.dispose]()
    await vi.waitFor(async () => expect(await oneMore(ada)).toBe(200), { timeout: 20_000 })
    for (const stream of streams) stream[Symbol.dispose]()
  })

  it("is dropped if they take nothing", async () => {
    const ada = await signedIn("reviewer")
    const accepted = once(installation.app.server, "connection") as Promise<[Socket]>
    const page = connect(installation.port, "127.0.0.1").on("error", () => undefined)
    page.write(`GET /v1/live HTTP/1.1\r\nhost: localhost\r\ncookie: ${cookieOf(ada)}\r\n\r\n`)
    await once(page, "readable")
    const [socket] = await accepted
    const closed = once(socket, "close")
    // More than what lies between the two holds.
    socket.write(Buffer.alloc(64 * 1024 * 1024))
    await caseChanged()
    await closed
    expect(socket.writableFinished).toBe(false)
    page.destroy()
  })

  it("is told by an end, not a break, that the server stops; it does not wait for them", async () => {
    const stopping = await openInstallation()
    using stream = await listen(await signedIn(), stopping)
    await stopping.app.close()
    await stream.ended()
    expect(stream.answer.complete).toBe(true)
  })

  it("gets headers alone where only those are asked for", async () => {
    const ada = await signedIn()
    const answer = await installation.app.inject({
      method: "HEAD",
      url: "/v1/live",
      headers: { host: "localhost", cookie: cookieOf(ada) },
    })
    expect([answer.statusCode, answer.body]).toEqual([200, ""])
  })
})
