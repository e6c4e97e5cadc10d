import { once } from "node:events"
import { type ClientRequest, type IncomingMessage, request } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import {
  type IntakeSite,
  makeFinding,
  makeIntakeSite,
  makePusher,
  type Pusher,
} from "@nightlight/dev-env/server/intake-site"
import type { FastifyInstance } from "fastify"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { intakeRoutes } from "../../../src/intake/findings/routes.ts"
import { liveRoutes } from "../../../src/oversight/live/routes.ts"
import { createLive } from "../../../src/oversight/live/service.ts"
import { createRightsWatch, type RightsTimes } from "../../../src/platform/auth/rights-watch.ts"
import { openCustodianClient } from "../../../src/platform/custodian/client.ts"
import type { Authenticate } from "../../../src/platform/feature.ts"
import { addRoute } from "../../../src/platform/http/route.ts"
import { createKeys, type Keys } from "../../../src/staff/keys/service.ts"
import { meRoutes } from "../../../src/staff/sign-in/me-routes.ts"
import { createAuthenticate } from "../../../src/staff/sign-in/sessions/authenticate.ts"
import { openStream } from "../../oversight/live/stream.ts"
import { testApp } from "../../support/app.ts"
import { addMember, openStaff, type Staff } from "../../support/staff.ts"

const db = useDatabase()
/** Seldom enough that only an event of the log, or none, is noticed in a test. */
const NEVER = 3_600_000
let site: IntakeSite
let installation: Installation
let pusher: Pusher
let staff: Staff
let keys: Keys
const servers: FastifyInstance[] = []

beforeAll(async () => {
  site = await makeIntakeSite()
  await site.importListOf(await site.recordsOf())
  installation = await makeInstallation(site, db)
  pusher = await makePusher(site.manifest, site.clock, site.fingerprint)
  staff = await openStaff(db.database, { clock: site.clock })
  keys = createKeys({
    db: db.database.kysely,
    clock: site.clock,
    isSource: (source) => installation.sources.isLive(source),
    onOldKey: async () => {},
  })
})
afterEach(async () => {
  // One live source for one workspace's key.
  for (const { source } of await installation.sources.list())
    await installation.sources.revoke(aPerson("administrator"), source)
  for (const server of servers.splice(0)) await server.close()
})
afterAll(async () => {
  await staff?.app.close()
  await installation?.close()
  await pusher?.[Symbol.asyncDispose]()
  await site?.[Symbol.asyncDispose]()
})

/** One server process of several on the same database. */
async function openServer(times: Partial<RightsTimes> = { pollMs: 5, recheckMs: NEVER }): Promise<number> {
  const authenticate: Authenticate = createAuthenticate({ signIn: staff.signIn, keys })
  const { kysely } = db.database
  const live = createLive({ db: kysely }, { pollMs: 5, keepAliveMs: NEVER, recheckMs: NEVER })
  const app = await testApp({
    authenticate,
    clock: site.clock,
    rights: createRightsWatch({ db: kysely }, times),
    routes: (on) => {
      intakeRoutes(on, { intake: installation.intake })
      liveRoutes(on, { live, authenticate })
      meRoutes(on, {
        signIn: staff.signIn,
        people: staff.people,
        custodian: openCustodianClient("/nowhere/custodian.sock"),
      })
    },
  })
  await app.listen({ host: "127.0.0.1", port: 0 })
  servers.push(app)
  return (app.server.address() as AddressInfo).port
}

async function enrolled() {
  const admin = await (await addMember(staff, "administrator")).actor()
  const { source } = await installation.sources.enrol(admin, {
    name: "a lab",
    publicKey: pusher.publicKey,
    namesAccounts: false,
  })
  const { key, token } = await keys.make(admin, { name: "a key", scopes: ["findings:push"], source, expiresInDays: 1 })
  return {
    source,
    token,
    revokeKey: () => keys.revoke(admin, key.id),
    revokeSource: () => installation.sources.revoke(admin, source),
  }
}

/** An upload that is written piece by piece. */
function upload(port: number, token: string, method = "POST", path = "/v1/findings") {
  const call: ClientRequest = request({
    host: "127.0.0.1",
    port,
    method,
    path,
    agent: false,
    headers: {
      host: "localhost",
      authorization: `Bearer ${token}`,
      "transfer-encoding": "chunked",
      "content-type": method === "POST" ? "application/x-ndjson" : "application/octet-stream",
    },
  })
  call.on("error", () => undefined)
  const answered = once(call, "response").then(async ([answer]: IncomingMessage[]) => ({
    status: answer?.statusCode,
    connection: answer?.headers.connection,
    body: JSON.parse(answer === undefined ? "" : await text(answer)) as { readonly type?: string },
  }))
  return { call, answered }
}

const lineOf = (source: string, scan: string) => pusher.line(source, makeFinding({ scan }))
const received = async (source: string) =>
  (await installation.rows()).filter(({ source_id }) => source_id === source).length

describe("an upload that is open", () => {
  it.each(["revokeKey", "revokeSource"] as const)(
    "ends when another server hears %s, and nothing of the rest is taken",
    async (how) => {
      const [port] = [await openServer(), await openServer()]
      const lab = await enrolled()
      const { call, answered } = upload(port, lab.token)
      for (let n = 0; n < 200; n++) call.write(lineOf(lab.source, `s-${String(n).padStart(6, "0")}`))
      await expect.poll(() => received(lab.source), { timeout: 20_000 }).toBe(200)
      call.write(lineOf(lab.source, "s-000200"))
      await lab[how]()
      expect(await answered).toMatchObject({ status: 401, connection: "close", body: { type: "unauthenticated" } })
      call.end(lineOf(lab.source, "s-000201"))
      expect(await received(lab.source)).toBe(200)
      staff.clock.move(1)
    },
  )

  it("of evidence ends as well, and its file is not recorded", async () => {
    const port = await openServer()
    const lab = await enrolled()
    const { finding, row, ciphertext } = await pusher.seal({ scan: "s-000301" })
    const pushed = upload(port, lab.token)
    pushed.call.end(pusher.line(lab.source, finding))
    expect((await pushed.answered).status).toBe(200)
    const { call, answered } = upload(port, lab.token, "PUT", `/v1/evidence/${row.evidenceId}`)
    call.write(ciphertext.subarray(0, 100))
    await lab.revokeKey()
    expect(await answered).toMatchObject({ status: 401, connection: "close" })
    const rows = (await installation.rows()).filter(({ finding_id }) => finding_id === finding.id)
    expect(rows).toMatchObject([{ state: "waiting", evidence_at: null }])
  })

  it("ends when the key runs out, of which the log says nothing", async () => {
    const port = await openServer({ pollMs: 5, recheckMs: 10 })
    const lab = await enrolled()
    const { call, answered } = upload(port, lab.token)
    call.write(lineOf(lab.source, "s-000401"))
    site.clock.move(25 * 3_600_000)
    expect(await answered).toMatchObject({ status: 401 })
  })

  it("is asked before each batch whoever watches: what comes after the key was revoked is not taken", async () => {
    const port = await openServer({ pollMs: NEVER, recheckMs: NEVER })
    const lab = await enrolled()
    const { call, answered } = upload(port, lab.token)
    for (let n = 0; n < 200; n++) call.write(lineOf(lab.source, `s-5${String(n).padStart(5, "0")}`))
    await expect.poll(() => received(lab.source), { timeout: 20_000 }).toBe(200)
    await lab.revokeKey()
    call.end(lineOf(lab.source, "s-500200"))
    expect(await answered).toMatchObject({ status: 401 })
    expect(await received(lab.source)).toBe(200)
  })

  it("goes on while other people's rights change", async () => {
    const port = await openServer()
    const lab = await enrolled()
    const { call, answered } = upload(port, lab.token)
    call.write(lineOf(lab.source, "s-000601"))
    const other = await addMember(staff)
    await other.signIn()
    await other.browser.call("POST", "/v1/sign-out")
    call.end(lineOf(lab.source, "s-000602"))
    expect(await answered).toMatchObject({ status: 200, body: { accepted: 2 } })
  })
})

describe("a stream of live updates", () => {
  it.each([
    ["its session ends", (cookie: string, port: number) => signOut(cookie, port)],
    ["its person's role is lost", async (_cookie: string, _port: number, id: string) => loseRole(id)],
  ])("ends when %s on another server", async (_, end) => {
    const [here, there] = [await openServer(), await openServer()]
    const ada = await addMember(staff, "reviewer")
    await ada.signIn()
    const cookie = `nightlight=${ada.browser.cookies.get("nightlight")}`
    using stream = await openStream(here, cookie)
    expect(stream.answer.statusCode).toBe(200)
    await end(cookie, there, ada.id)
    await stream.ended()
  })
})

async function signOut(cookie: string, port: number): Promise<void> {
  const call = request({
    host: "127.0.0.1",
    port,
    method: "POST",
    path: "/v1/sign-out",
    headers: { host: "localhost", origin: "http://localhost", cookie },
  })
  call.end()
  const [answer] = (await once(call, "response")) as [IncomingMessage]
  expect(answer.statusCode).toBe(200)
  answer.resume()
}

async function loseRole(id: string): Promise<void> {
  await staff.people.removeRole(aPerson("administrator"), id, "reviewer")
}

describe("a call whose body took its time", () => {
  it("is answered by who its caller is when the body is here", async () => {
    let isLive = true
    let taken = 0
    const { z } = await import("zod")
    const app = await testApp({
      authenticate: async () => (isLive ? aPerson("reviewer") : undefined),
      routes: (on) =>
        addRoute(on, {
          method: "POST",
          url: "/slow",
          summary: "A.",
          object: { kind: "none", because: "a test" },
          access: { kind: "permission", permission: "case:read" },
          body: z.unknown(),
          reply: z.strictObject({}),
          handle: async () => {
            taken++
            return {}
          },
        }),
    })
    await app.listen({ host: "127.0.0.1", port: 0 })
    servers.push(app)
    app.addresses()
    const { port } = app.server.address() as AddressInfo
    const call = request({
      host: "127.0.0.1",
      port,
      method: "POST",
      path: "/slow",
      agent: false,
      headers: { host: "localhost", "content-type": "application/json", "transfer-encoding": "chunked" },
    })
    call.write("{")
    const answered = once(call, "response") as Promise<[IncomingMessage]>
    await new Promise((resolve) => app.server.once("request", resolve))
    isLive = false
    const start = performance.now()
    while (performance.now() - start < 600) await new Promise((resolve) => setImmediate(resolve))
    call.end("}")
    const [answer] = await answered
    expect([answer.statusCode, taken]).toEqual([401, 0])
    answer.resume()
  })
})
