import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { CONFIG, imageException, PATTERNS, startTestGuard } from "@nightlight/dev-env/guard/guard"
import { chunk, completion, events } from "@nightlight/dev-env/guard/upstream"
import { makeWorkspace, picture } from "@nightlight/dev-env/guard/workspace"
import { describe, expect, it, onTestFinished } from "vitest"
import type { BlockEvent, GuardEvent, Incidents } from "../src/index.ts"
import { startGuard } from "../src/index.ts"
import { classifierService } from "./support/classifier-service.ts"

const BODY = { model: "m", messages: [{ role: "user", content: "hello" }] }
const post = (url: string, content: unknown, rest: object = {}) =>
  fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...BODY, messages: [{ role: "user", content }], ...rest }),
  })

describe("a guard without a real check", () => {
  it("does not start, and names the open surfaces", { timeout: 3 * MINUTE_MS }, async () => {
    await using workspace = await makeWorkspace()
    const start = () =>
      startGuard({
        configPath: workspace.configPath,
        workspace: workspace.guard,
        upstreamUrl: "http://127.0.0.1:9/v1",
        port: 0,
        adminPort: 0,
      })
    workspace.configure("version: 1\nendpoints: [chat]\n")
    await expect(start()).rejects.toMatchObject({
      code: "config_invalid",
      message: "open surfaces without a real check: chat.input.text, chat.input.image, chat.output.text",
    })
    workspace.write("patterns.yaml", PATTERNS)
    workspace.configure(CONFIG)
    await expect(start()).rejects.toMatchObject({ message: "open surfaces without a real check: chat.input.image" })
    workspace.configure(CONFIG + imageException())
    const guard = await start()
    await guard.stop(0)
  })

  it.each([
    ["one person twice", `approvedBy: [Ada, " ada "], until: "2027-01-01T00:00:00Z"`],
    ["one person", `approvedBy: [Ada], until: "2027-01-01T00:00:00Z"`],
    ["no end", `approvedBy: [Ada, Bob]`],
    ["an end far away", `approvedBy: [Ada, Bob], until: "2099-01-01T00:00:00Z"`],
    ["an end that is past", `approvedBy: [Ada, Bob], until: "2020-01-01T00:00:00Z"`],
  ])("does not start with an exception that has %s", async (_, rest) => {
    await using workspace = await makeWorkspace()
    workspace.write("patterns.yaml", PATTERNS)
    workspace.configure(`${CONFIG}exceptions:\n  - { surface: chat.input.image, reason: a test, ${rest} }\n`)
    const started = startGuard({
      configPath: workspace.configPath,
      workspace: workspace.guard,
      upstreamUrl: "http://127.0.0.1:9/v1",
      port: 0,
      adminPort: 0,
    })
    await expect(started).rejects.toMatchObject({ code: "config_invalid" })
  })

  it("still blocks a test card where pictures are excepted", async () => {
    await using test = await startTestGuard([], { exceptImages: true })
    const { testCardPng } = await import("@nightlight/screening")
    const see = (bytes: Uint8Array) =>
      post(test.guard.url, [
        { type: "image_url", image_url: { url: `data:image/png;base64,${Buffer.from(bytes).toString("base64")}` } },
      ])
    expect((await see(testCardPng(1))).status).toBe(400)
    expect((await see(await picture(5))).status).toBe(200)
  })
})

it("reports coverage and counts on its admin port only", async () => {
  await using test = await startTestGuard([await picture(1)])
  await post(test.guard.url, "hello")
  await post(test.guard.url, "a canary-phrase")
  const ready = await fetch(`${test.guard.adminUrl}/readyz`)
  expect(ready.status).toBe(200)
  expect(await ready.json()).toMatchObject({
    ready: true,
    surfaces: [
      { surface: "chat.input.text", checks: ["lists-in-text", "words"], screened: true },
      { surface: "chat.input.image", checks: ["lists"], screened: true },
      { surface: "chat.output.text", checks: ["lists-in-text", "words"], screened: true },
    ],
  })
  const metrics = await (await fetch(`${test.guard.adminUrl}/metrics`)).text()
  expect(metrics).toContain('nightlight_guard_exchanges_total{endpoint="chat",end="passed"} 1')
  expect(metrics).toContain('nightlight_guard_exchanges_total{endpoint="chat",end="blocked_input"} 1')
  expect(metrics).toContain('nightlight_guard_check_seconds_count{check="words"}')
  expect(metrics).not.toContain("canary")
  for (const path of ["/readyz", "/metrics"]) expect((await fetch(new URL(path, test.guard.url))).status).toBe(404)
})

it("measures the first token from the upstream and the first released token apart", async () => {
  await using test = await startTestGuard([await picture(1)])
  await (await post(test.guard.url, "hello", { stream: true })).text()
  const metrics = await (await fetch(`${test.guard.adminUrl}/metrics`)).text()
  for (const side of ["upstream", "released"]) {
    expect(metrics).toContain(`nightlight_guard_first_token_seconds_count{side="${side}"} 1`)
  }
})

it("loads a changed configuration, and keeps the previous one where the change is invalid", async () => {
  const told: GuardEvent[] = []
  await using test = await startTestGuard([await picture(1)], {
    checkEveryMs: 20,
    onEvent: (event) => told.push(event),
  })
  const { url } = test.guard
  expect((await post(url, "a new-phrase")).status).toBe(200)
  const patterns = join(test.workspace.dir, "patterns.yaml")
  writeFileSync(patterns, PATTERNS.replace("forbidden words", "new-phrase"))
  await expect.poll(async () => (await post(url, "a new-phrase")).status).toBe(400)
  expect((await post(url, "forbidden words")).status).toBe(200)

  writeFileSync(patterns, "version: 1\nrules: [")
  await expect.poll(() => told.some(({ event }) => event === "reload_refused")).toBe(true)
  expect((await post(url, "a new-phrase")).status).toBe(400)
  expect(test.guard.readiness()).toMatchObject({ ready: true, faults: expect.arrayContaining(["config_invalid"]) })

  writeFileSync(patterns, PATTERNS)
  await expect.poll(async () => (await post(url, "a new-phrase")).status).toBe(200)
  expect(test.guard.readiness().faults).not.toContain("config_invalid")
})

it("loads a change made while it starts", async () => {
  const accountsDir = mkdtempSync(join(tmpdir(), "nl-accounts-"))
  onTestFinished(() => rmSync(accountsDir, { recursive: true, force: true }))
  let dir = ""
  const write = (phrase: string) =>
    writeFileSync(join(dir, "patterns.yaml"), PATTERNS.replace("forbidden words", phrase))
  await using test = await startTestGuard([await picture(1)], {
    checkEveryMs: 20,
    prepare: (given) => {
      dir = given
    },
    accountsPlace: {
      path: join(accountsDir, "accounts"),
      // Asked once the configuration is loaded, before the guard listens.
      keyed: {
        of: () => {
          write("new-phrase")
          return "ab".repeat(32)
        },
      },
    },
  })
  await expect.poll(async () => (await post(test.guard.url, "a new-phrase")).status).toBe(400)
})

it("lets a check that began before a reload finish, and closes it then or at its own end", async () => {
  const told: GuardEvent[] = []
  const goOn = Promise.withResolvers<void>()
  await using service = await classifierService((_, response) => {
    void goOn.promise.then(() => response.end('{"labels":{"bad":0}}'))
  })
  const config = `${CONFIG}  - kind: http-detector
    name: detector
    egress: { origin: "${service.origin}", region: here, contractReference: none }
    path: /x
    media: [text]
    directions: [input]
    request: { text: "{{text}}" }
    rules: [{ label: bad, threshold: 0.5, decision: block }]
`
  await using test = await startTestGuard([await picture(1)], {
    config,
    checkEveryMs: 20,
    onEvent: (event) => told.push(event),
  })
  const answer = post(test.guard.url, "hello")
  await expect.poll(() => service.asked.length).toBeGreaterThan(0)
  test.workspace.write("patterns.yaml", `${PATTERNS}# changed\n`)
  await expect.poll(() => told.some(({ event }) => event === "reloaded")).toBe(true)
  goOn.resolve()
  expect((await answer).status).toBe(200)
  expect((await post(test.guard.url, "hello")).status).toBe(200)
  await test.guard.stop(0)
  await expect.poll(() => service.connections()).toBe(0)
})

it("refuses a reload that would leave a surface open", async () => {
  const told: GuardEvent[] = []
  await using test = await startTestGuard([await picture(1)], {
    checkEveryMs: 20,
    onEvent: (event) => told.push(event),
  })
  test.workspace.configure("version: 1\nendpoints: [chat]\nchecks: [{ kind: hash-match }]\n")
  await expect.poll(() => told.some(({ event }) => event === "reload_refused")).toBe(true)
  expect((await post(test.guard.url, "a canary-phrase")).status).toBe(400)
})

it("finishes calls in progress when it is stopped, and accepts no new ones", async () => {
  await using test = await startTestGuard([await picture(1)])
  let goOn = (): void => {}
  const wait = new Promise<void>((resolve) => {
    goOn = resolve
  })
  test.upstream.answer = async (_seen, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write(events(chunk({ content: "a beginning " })))
    await wait
    response.end(events(chunk({ content: "and an end" }), chunk({}, { finish_reason: "stop" }), "[DONE]"))
  }
  const answer = await post(test.guard.url, "hello", { stream: true })
  const stopped = test.guard.stop(20_000)
  expect(test.guard.readiness()).toMatchObject({ ready: false, draining: true })
  await expect
    .poll(() =>
      post(test.guard.url, "x").then(
        () => "answered",
        () => "refused",
      ),
    )
    .toBe("refused")
  goOn()
  expect(await answer.text()).toContain("[DONE]")
  await stopped
})

describe("an incident", () => {
  const incidents = (block: Incidents["block"], accepting = true): Incidents => ({
    block,
    state: () => ({ accepting, spooled: 0 }),
    close: async () => {},
  })

  it("is recorded before the answer leaves, with the whole exchange", async () => {
    const blocks: BlockEvent[] = []
    let release = (): void => {}
    const kept = new Promise<void>((resolve) => {
      release = resolve
    })
    await using test = await startTestGuard([await picture(1)], {
      incidents: incidents(async (event) => {
        blocks.push(event)
        await kept
        return "kept"
      }),
    })
    let isAnswered = false
    const answer = post(test.guard.url, "a canary-phrase").finally(() => {
      isAnswered = true
    })
    await expect.poll(() => blocks.length).toBe(1)
    expect(isAnswered).toBe(false)
    release()
    expect((await answer).status).toBe(400)
    expect(blocks[0]).toMatchObject({ endpoint: "chat", direction: "input", model: "m", caller: { id: "anyone" } })
    expect(blocks[0]?.items).toMatchObject([{ text: "a canary-phrase" }])
    expect(Buffer.from(blocks[0]?.request.bytes ?? []).toString()).toContain("canary-phrase")

    test.upstream.answer = completion("a longer answer with a canary-phrase in it")
    expect(await (await post(test.guard.url, "hello", { stream: true })).text()).toContain("content_filter")
    expect(await (await post(test.guard.url, "hello")).text()).toContain("content_filter")
    expect(blocks).toHaveLength(3)
    expect(Buffer.from(blocks[1]?.answer?.bytes ?? []).toString()).toContain("[DONE]")
    expect(blocks[2]?.answer?.contentType).toBe("application/json")
  })

  it("raises an alarm where recording fails, and the block holds", async () => {
    await using test = await startTestGuard([await picture(1)], {
      incidents: incidents(() => Promise.reject(new Error("disk"))),
    })
    expect((await post(test.guard.url, "a canary-phrase")).status).toBe(400)
    const metrics = await (await fetch(`${test.guard.adminUrl}/metrics`)).text()
    expect(metrics).toContain('nightlight_guard_alarms_total{code="block_not_recorded"} 1')
  })

  it("that cannot be recorded makes the guard refuse calls, and untrusted callers see a block", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    await using test = await startTestGuard([await picture(1)], { incidents: incidents(async () => "kept", false) })
    const full = await post(test.guard.url, "hello")
    await using other = await startTestGuard([await picture(1)])
    const block = await post(other.guard.url, "a canary-phrase")
    expect([full.status, await full.text()]).toEqual([block.status, await block.text()])
    expect(test.upstream.seen).toEqual([])
    expect((await fetch(`${test.guard.adminUrl}/readyz`)).status).toBe(503)
  })
})
