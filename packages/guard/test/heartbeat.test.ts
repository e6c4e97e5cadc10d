import { chmodSync, readFileSync } from "node:fs"
import { CONFIG, imageException, startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { makePlace, type TestPlace, until } from "@nightlight/dev-env/guard/place"
import { dataUrl, picture } from "@nightlight/dev-env/guard/workspace"
import { describe, expect, it } from "vitest"
import { type HeartbeatOptions, startHeartbeat } from "../src/heartbeat/heartbeat.ts"
import { VERSION } from "../src/version.ts"
import { type StandIn, startStandIn } from "./incidents/support/stand-in.ts"

/** A guard that delivers to a server, and sends it a heartbeat every few milliseconds. */
async function startTelling(place: TestPlace, server: Pick<StandIn, "url">, config = CONFIG): Promise<TestGuard> {
  const alarms = place.alarms
  const findings = `findings: { server: "${server.url.origin}", keyFile: server.key }\n`
  const files = { "server.key": "a-key\n" }
  const { limits: _limits, clock: _clock, onAlarm: _onAlarm, ...keeping } = place.options
  return startTestGuard([await picture(1)], {
    config: config + findings,
    files,
    keeping,
    heartbeatEveryMs: 5,
    onEvent: (event) => void (event.event === "alarm" && alarms.push(event.code)),
    prepare: (dir) => chmodSync(`${dir}/server.key`, 0o600),
  })
}

const say = (guard: TestGuard, content: string) =>
  guard.client.chat.completions.create({ model: "m", messages: [{ role: "user", content }] }).catch(() => undefined)

it("sends no last heartbeat to a server that did not accept the previous one, and ends", async () => {
  const answer = Promise.withResolvers<never>()
  let words = 0
  const sendHeartbeat = () => {
    words++
    return answer.promise
  }
  const said = Promise.withResolvers<void>()
  const heartbeat = startHeartbeat({
    client: { sendHeartbeat },
    body: async () => {
      said.resolve()
      return {} as Awaited<ReturnType<HeartbeatOptions["body"]>>
    },
    isDraining: () => false,
    onAlarm: () => {},
  })
  await said.promise
  const stopped = heartbeat.stop()
  answer.reject(new Error("timed out"))
  await stopped
  expect(words).toBe(1)
})

describe("a guard that delivers to a server", () => {
  it("sends its coverage and its counts at once and then at intervals", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    const guard = await startTelling(place, server)
    await until(() => server.heartbeats.length > 0)
    expect(server.heartbeats[0]).toMatchObject({
      version: VERSION,
      state: "running",
      ready: true,
      counts: { requests: 0 },
      lists: { screens: true, lists: [{ name: "known", trust: "trusted", entries: 1 }, { trust: "test" }] },
      surfaces: [
        { surface: "chat.input.text", checks: ["lists-in-text", "words"], screened: true },
        { surface: "chat.input.image", checks: ["lists"], screened: true },
        { surface: "chat.output.text", checks: ["lists-in-text", "words"], screened: true },
      ],
      spool: { records: 0, accepting: true },
    })
    await say(guard, "hello")
    await say(guard, "a canary-phrase")
    await until(() => server.heartbeats.at(-1)?.counts.requests === 2)
    const last = server.heartbeats.at(-1)
    expect(last?.counts).toMatchObject({
      passed: 1,
      blockedInput: 1,
      blockedOutput: 0,
      unscreened: 0,
      checkFailures: 0,
    })
    expect(new Set(server.heartbeats.map(({ instance }) => instance)).size).toBe(1)
    await guard[Symbol.asyncDispose]()
    await server.close()
  })

  it("sends a last heartbeat when it stops, after the last call has ended", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    const guard = await startTelling(place, server)
    await say(guard, "hello")
    await guard[Symbol.asyncDispose]()
    expect(server.heartbeats.at(-1)).toMatchObject({ state: "stopped", ready: false, counts: { requests: 1 } })
    expect(server.heartbeats.filter(({ state }) => state === "stopped")).toHaveLength(1)
    await server.close()
  })

  it("sends the end of an exception, never who approved it or why", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    const config = "version: 1\nendpoints: [chat]\nchecks:\n  - { kind: patterns, name: words, file: patterns.yaml }\n"
    await using guard = await startTelling(place, server, config + imageException())
    await until(() => server.heartbeats.length > 0)
    const surface = server.heartbeats[0]?.surfaces.find((one) => one.surface === "chat.input.image")
    expect(surface).toMatchObject({ checks: [], screened: false, excusedUntil: expect.stringMatching(/^20/) })
    const url = dataUrl(await picture(2))
    await guard.client.chat.completions.create({
      model: "m",
      messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }],
    })
    await until(() => server.heartbeats.at(-1)?.counts.requests === 1)
    expect(server.heartbeats.at(-1)?.counts).toMatchObject({ passed: 1, unscreened: 1 })
    expect(JSON.stringify(server.heartbeats)).not.toMatch(/"ada"|"bob"|a test/)
    await server.close()
  })

  it("continues without an alarm where the server does not accept heartbeats yet", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    let refused = 0
    server.before = (request, response) => {
      if (request.url !== "/v1/guards/self") return false
      refused++
      response.writeHead(404).end('{"type":"not_found"}')
      return true
    }
    const guard = await startTelling(place, server)
    await until(() => refused > 1)
    expect(await say(guard, "hello")).toBeDefined()
    await say(guard, "a canary-phrase")
    await until(() => server.findings.size === 1)
    await guard[Symbol.asyncDispose]()
    expect(place.alarms).toEqual([])
    await server.close()
  })

  it("raises one alarm when the server refuses heartbeats, and another only when it accepted one in between", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    let calls = 0
    server.before = (_request, response) => {
      calls++
      if (calls === 3) return false
      response.writeHead(503).end("{}")
      return true
    }
    const guard = await startTelling(place, server)
    await until(() => calls >= 6)
    await guard[Symbol.asyncDispose]()
    expect(place.alarms).toEqual(["heartbeat_not_taken", "heartbeat_not_taken"])
    await server.close()
  })
})

describe("a guard without a server", () => {
  it("reports to nobody, but keeps its incidents", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    const { limits: _limits, clock: _clock, onAlarm: _onAlarm, ...keeping } = place.options
    const guard = await startTestGuard([await picture(1)], { keeping, heartbeatEveryMs: 1 })
    await say(guard, "a canary-phrase")
    expect(guard.guard.readiness().incidents.spooled).toBe(1)
    await guard[Symbol.asyncDispose]()
    expect(server.heartbeats).toEqual([])
    await server.close()
  })
})

it("the version in a guard's heartbeat is its package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  expect(VERSION).toBe(version)
})
