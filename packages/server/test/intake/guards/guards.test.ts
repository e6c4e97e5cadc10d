import { generateKeyPairSync, randomUUID } from "node:crypto"
import { chmodSync } from "node:fs"
import type { GuardHeartbeat, GuardList, GuardSource } from "@nightlight/contract/server"
import { MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { SOON } from "@nightlight/dev-env/database/query-as"
import { CONFIG, startTestGuard } from "@nightlight/dev-env/guard/guard"
import { makePlace } from "@nightlight/dev-env/guard/place"
import { picture } from "@nightlight/dev-env/guard/workspace"
import { freePort } from "@nightlight/dev-env/machine/free-port"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { movingClock } from "@nightlight/dev-env/server/clock"
import { asKey } from "@nightlight/dev-env/server/intake"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { z } from "zod"
import { guardRoutes } from "../../../src/intake/guards/routes.ts"
import { createGuards } from "../../../src/intake/guards/service.ts"
import { createSources } from "../../../src/intake/sources/service.ts"
import type { Actor, Scope } from "../../../src/platform/auth/actor.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { testApp } from "../../support/app.ts"
import { aHeartbeat } from "./heartbeat.ts"

const db = useDatabase()
const clock = movingClock()
const actors = new Map<string, Actor>()
let app: FastifyInstance
let sources: ReturnType<typeof createSources>
let server: string

beforeAll(async () => {
  const deps = { db: db.database.kysely, clock }
  sources = createSources(deps)
  const guards = createGuards({ ...deps, sources })
  const port = await freePort()
  server = `http://127.0.0.1:${port}`
  app = await testApp({
    origins: ["http://localhost", server],
    routes: (to) => guardRoutes(to, { guards }),
    authenticate: async ({ headers }) => actors.get((headers.authorization ?? "").replace("Bearer ", "")),
  })
  await app.listen({ port, host: "127.0.0.1" })
})
afterAll(() => app?.close())

function keyFor(source: string | undefined, ...scopes: Scope[]): string {
  const id = `key-${randomUUID()}`
  actors.set(id, { kind: "service", id, scopes: new Set(scopes), source, callsPerMinute: 1_200 })
  return id
}

async function enrol(): Promise<{ readonly source: string; readonly key: string }> {
  const publicKey = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString()
  const body = { name: "a guard", publicKey, namesAccounts: false }
  const { source } = await sources.enrol(aPerson("administrator"), body)
  return { source, key: keyFor(source, "findings:push") }
}

async function say(key: string, heartbeat: GuardHeartbeat) {
  const answer = await app.inject({
    method: "PUT",
    url: "/v1/guards/self",
    headers: asKey(key),
    payload: heartbeat,
  })
  return { status: answer.statusCode, body: answer.json() }
}

const rowsOf = (source: string) =>
  db.database.kysely.selectFrom("guard_heartbeats").selectAll().where("source_id", "=", source).execute()

async function list(...roles: Parameters<typeof aPerson>): Promise<z.infer<typeof GuardList>> {
  const person = aPerson(...roles)
  actors.set(person.id, person)
  return (await app.inject({ url: "/v1/guards", headers: asKey(person.id) })).json()
}

async function guardsOf(source: string): Promise<GuardSource | undefined> {
  return (await list("auditor")).sources.find((one) => one.source === source)
}

describe("guards", () => {
  it("are shown by their last heartbeat, by source", async () => {
    const { source, key } = await enrol()
    const first = aHeartbeat()
    expect(await say(key, first)).toEqual({ status: 200, body: { source, nextInSeconds: 60 } })
    clock.move(MINUTE_MS)
    const faults = ["check_unready:words"]
    await say(key, { ...first, faults, spool: { records: 3, accepting: true, fault: "server_unavailable" } })
    const shown = await guardsOf(source)
    expect(shown).toMatchObject({ state: "running", lastSeenAt: clock.now().toISOString() })
    expect(shown?.guards).toMatchObject([{ ...first, faults, spool: { records: 3, fault: "server_unavailable" } }])
    expect(shown?.guards[0]?.firstSeenAt).not.toBe(shown?.guards[0]?.lastSeenAt)
  })

  it("are late after three minutes without a heartbeat, and back with the next one", async () => {
    const { source, key } = await enrol()
    const one = aHeartbeat()
    await say(key, one)
    clock.move(3 * MINUTE_MS)
    expect(await guardsOf(source)).toMatchObject({ state: "running" })
    clock.move(1)
    expect(await guardsOf(source)).toMatchObject({ state: "late", guards: [{ state: "late", ready: true }] })
    await say(key, one)
    expect(await guardsOf(source)).toMatchObject({ state: "running", guards: [{ state: "running" }] })
  })

  it("write an event with the first heartbeat and when they stop, and none in between", async () => {
    const { source, key } = await enrol()
    const one = aHeartbeat()
    for (const state of ["running", "running", "draining", "stopped", "stopped"] as const) {
      await say(key, { ...one, state, ready: false })
      clock.move(MINUTE_MS)
    }
    const events = await readEvents(db.database.kysely, { subject: source })
    expect(events.map(({ type }) => type)).toEqual(["source.enrolled", "guard.first-heartbeat", "guard.stopped"])
    expect(events.at(-1)).toMatchObject({ actor: key, data: { instance: one.instance } })
    expect(await guardsOf(source)).toMatchObject({ state: "stopped", guards: [{ state: "stopped" }] })
  })

  it("of one source are told apart; one that died stays late beside the others until another begins in its place", async () => {
    const { source, key } = await enrol()
    const [dying, living] = [aHeartbeat(), aHeartbeat()]
    await say(key, dying)
    await say(key, living)
    clock.move(4 * MINUTE_MS)
    await say(key, living)
    expect(await guardsOf(source)).toMatchObject({
      state: "late",
      guards: [{ instance: living.instance }, { instance: dying.instance, state: "late" }],
    })
    const next = aHeartbeat()
    await say(key, next)
    const after = await guardsOf(source)
    expect(after?.state).toBe("running")
    expect(after?.guards.map(({ instance }) => instance)).toEqual([living.instance, next.instance])
  })

  it("that restart in turn leave nothing behind, and two that died are not replaced by one", async () => {
    const { source, key } = await enrol()
    const dead = [aHeartbeat(), aHeartbeat()]
    for (const one of dead) await say(key, one)
    clock.move(4 * MINUTE_MS)
    const next = aHeartbeat()
    await say(key, next)
    expect(await guardsOf(source)).toMatchObject({
      state: "late",
      guards: [{ instance: next.instance }, { state: "late" }],
    })
    await say(key, { ...next, state: "stopped" })
    clock.move(MINUTE_MS)
    const [third, fourth] = [aHeartbeat(), aHeartbeat()]
    await say(key, third)
    await say(key, fourth)
    const shown = await guardsOf(source)
    expect(shown?.state).toBe("running")
    const instances = shown?.guards.map(({ instance }) => instance)
    expect(instances?.toSorted()).toEqual([third.instance, fourth.instance].toSorted())
  })

  it("that run and accept no calls make their source unready", async () => {
    const { source, key } = await enrol()
    await say(key, aHeartbeat({ ready: false, faults: ["surface_uncovered"] }))
    await say(key, aHeartbeat())
    expect(await guardsOf(source)).toMatchObject({ state: "unready" })
  })

  it("are forgotten a week after their last heartbeat", async () => {
    const { source, key } = await enrol()
    await say(key, aHeartbeat())
    clock.move(7 * 24 * 60 * MINUTE_MS + 1)
    expect(await guardsOf(source)).toBeUndefined()
    await say(key, aHeartbeat())
    const rows = await rowsOf(source)
    expect(rows).toHaveLength(1)
  })

  it("that restart again and again are remembered up to two hundred, latest heartbeats first", async () => {
    const { source, key } = await enrol()
    await say(key, aHeartbeat())
    for (let index = 0; index < 200; index++) {
      clock.move(1)
      await say(key, aHeartbeat())
    }
    const rows = await rowsOf(source)
    expect(rows).toHaveLength(200)
    const oldest = Math.min(...rows.map(({ last_seen_at }) => last_seen_at.getTime()))
    expect(clock.now().getTime() - oldest).toBe(199)
  })

  it("are accepted only from a live source, and not shown for a revoked one", async () => {
    const { source, key } = await enrol()
    await say(key, aHeartbeat())
    expect((await say(keyFor(undefined, "findings:push"), aHeartbeat())).status).toBe(403)
    expect((await say(keyFor(source, "screen"), aHeartbeat())).status).toBe(403)
    await sources.revoke(aPerson("administrator"), source)
    expect((await say(key, aHeartbeat())).status).toBe(403)
    expect(await guardsOf(source)).toBeUndefined()
  })

  it("send nothing but codes, counts and names: a heartbeat with more is refused", async () => {
    const { key } = await enrol()
    const heartbeat = aHeartbeat()
    const surface = { ...heartbeat.surfaces[0]!, exception: { reason: "canary", approvedBy: ["canary"] } }
    expect((await say(key, { ...heartbeat, surfaces: [surface] })).status).toBe(400)
    expect((await say(key, { ...heartbeat, prompt: "canary" } as never)).status).toBe(400)
    expect((await say(key, { ...heartbeat, faults: ["a sentence\nof two lines"] })).status).toBe(400)
  })

  it("that are real processes send all of this on their own, up to the last heartbeat", async () => {
    await using place = await makePlace()
    const body = { name: "a guard", publicKey: place.publicKey, namesAccounts: false }
    const { source } = await sources.enrol(aPerson("administrator"), body)
    const { limits: _limits, clock: _clock, onAlarm: _onAlarm, ...keeping } = place.options
    const guard = await startTestGuard([await picture(1)], {
      keeping,
      heartbeatEveryMs: 5,
      files: { "server.key": keyFor(source, "findings:push") },
      config: `${CONFIG}findings: { server: "${server}", keyFile: server.key }\n`,
      prepare: (dir) => chmodSync(`${dir}/server.key`, 0o600),
    })
    const ask = (content: string) =>
      guard.client.chat.completions.create({ model: "m", messages: [{ role: "user", content }] })
    await ask("hello")
    await expect.poll(async () => (await guardsOf(source))?.guards[0]?.counts.passed, SOON).toBe(1)
    expect(await guardsOf(source)).toMatchObject({
      state: "running",
      guards: [{ lists: { lists: [{ name: "known" }, {}] } }],
    })
    await guard[Symbol.asyncDispose]()
    expect(await guardsOf(source)).toMatchObject({ state: "stopped", guards: [{ state: "stopped", ready: false }] })
  })

  it("are named for those who may see sources, and shown to no reviewer", async () => {
    const { source, key } = await enrol()
    await say(key, aHeartbeat())
    const of = (all: z.infer<typeof GuardList>) => all.sources.find((one) => one.source === source)
    expect(of(await list("administrator"))).toMatchObject({ sourceName: "a guard" })
    expect(of(await list("senior-reviewer"))).not.toHaveProperty("sourceName")
    expect(await list("reviewer")).toMatchObject({ type: "forbidden" })
  })
})
