import { createHash } from "node:crypto"
import { chunk, completion, events, startUpstream } from "@nightlight/dev-env/guard/upstream"
import { describe, expect, it } from "vitest"
import { createMetrics } from "../src/admin/metrics.ts"
import type { Check } from "../src/checks/check.ts"
import { buildApp } from "../src/http/app.ts"
import { keepNothing } from "../src/incidents/none.ts"
import { createExchangePorts } from "../src/running/admission.ts"
import { type Services, startRunning } from "../src/running/running.ts"
import type { GuardSetup } from "../src/setup/setup.ts"
import { openUpstream } from "../src/upstream/pool.ts"

const digest = (key: string) => createHash("sha256").update(key).digest("hex")

/** A check of the kind that costs time: what it does is the test's. */
function classifier(run: Check["run"], over: Partial<Check> = {}): Check {
  return {
    name: "model",
    kind: "classifier",
    coverage: { directions: ["input", "output"], media: ["text", "image"] },
    deadlineMs: 20_000,
    failureMode: "closed",
    run,
    ...over,
  }
}

const passes: Check["run"] = () => Promise.resolve({ signals: [], screened: true })

async function startWith(checks: readonly Check[], over: Partial<GuardSetup> = {}) {
  const upstream = await startUpstream()
  const setup: GuardSetup = {
    version: "test",
    keys: [
      { id: "app", sha256: digest("app"), trusted: false },
      { id: "ours", sha256: digest("ours"), trusted: true },
    ],
    endpoints: new Set(["chat"]),
    checks,
    exceptions: [],
    holdBack: {
      mode: "windows",
      windowChars: 40,
      firstWindowChars: 20,
      maxHeldBytes: 1e6,
      maxHeldPictureBytes: 8e6,
      keepAliveMs: 200,
    },
    limits: {
      maxRequestBytes: 10_000,
      maxAnswerBytes: 100_000,
      maxPictureBytes: 1e6,
      bodyMs: 5_000,
      upstreamMs: 300,
      idleMs: 300,
      perMinute: 60_000,
      burst: 1_000,
      maxChoices: 4,
      maxBodies: 512,
      maxBodyBytes: 1e8,
    },
    messages: { en: "stopped", de: "angehalten" },
    ...over,
  }
  const services: Services = {
    upstream: openUpstream({ url: new URL(upstream.url), headersMs: 300, idleMs: 300, connections: 8, waitMs: 5_000 }),
    ...createExchangePorts({ incidents: keepNothing(() => {}) }),
    metrics: createMetrics(),
    clock: { now: () => new Date() },
  }
  const running = startRunning(setup, services)
  const app = buildApp({
    current: () => running,
    services,
    upstreamHeaders: () => ({}),
    maxRequestBytes: setup.limits.maxRequestBytes,
    bodyMs: setup.limits.bodyMs,
  })
  const url = await app.listen({ host: "127.0.0.1", port: 0 })
  const open = (key: string, rest: object = {}, headers: Record<string, string> = {}) =>
    fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }], ...rest }),
    })
  return {
    upstream,
    services,
    open,
    ask: async (...call: Parameters<typeof open>) => {
      const answer = await open(...call)
      return { status: answer.status, text: await answer.text(), headers: answer.headers }
    },
    [Symbol.asyncDispose]: async () => {
      app.server.closeAllConnections()
      await app.close()
      await services.upstream.close()
      await upstream.close()
    },
  }
}

describe("a check that gives no verdict", () => {
  it.each([
    ["throws", () => Promise.reject(new Error("canary"))],
    ["hangs", () => new Promise<never>(() => {})],
    ["answers in the wrong shape", () => Promise.resolve({} as never)],
  ] as const)("because it %s, is told to a trusted key; to others it looks like a block", async (_, run) => {
    await using test = await startWith([classifier(run, { deadlineMs: 60 })])
    const trusted = await test.ask("ours")
    expect(trusted.status).toBe(503)
    expect(JSON.parse(trusted.text)).toMatchObject({ error: { code: "service_unavailable" } })
    expect(trusted.headers.get("retry-after")).toBe("5")
    const other = await test.ask("app")
    await using blocking = await startWith([
      classifier(async () => ({ signals: [{ check: "", rule: "r", decision: "block" }], screened: true })),
    ])
    const block = await blocking.ask("app")
    expect({ status: other.status, text: other.text }).toEqual({ status: block.status, text: block.text })
    expect(block.status).toBe(400)
    expect([...other.headers.keys()]).toEqual([...block.headers.keys()])
    expect(test.upstream.seen).toEqual([])
  })

  it("on an answer lets no part of it out", async () => {
    const failing: Check["run"] = (_items, { direction }) =>
      direction === "input" ? { signals: [], screened: true } : Promise.reject(new Error("x"))
    await using test = await startWith([classifier(failing)])
    test.upstream.answer = completion("a secret answer of the model")
    expect((await test.ask("ours")).status).toBe(503)
    expect(await test.ask("app")).toMatchObject({ status: 200, text: expect.stringContaining("content_filter") })
    const streamed = await test.ask("app", { stream: true })
    expect(streamed.text).toContain("content_filter")
    expect(streamed.text).not.toContain("secret")
    expect((await test.ask("ours", { stream: true })).text).toContain("service_unavailable")
  })

  it("is excused end to end while its failure mode is open, and no longer", async () => {
    const run = () => Promise.reject(new Error("x"))
    const until = (ms: number) => new Date(Date.now() + ms).toISOString()
    await using open = await startWith([classifier(run, { failureMode: "open", openUntil: until(60_000) })])
    expect((await open.ask("app")).status).toBe(200)
    await using past = await startWith([classifier(run, { failureMode: "open", openUntil: until(-1) })])
    expect((await past.ask("app")).status).toBe(400)
  })
})

it("keeps the connection alive with comments while nothing may be released", async () => {
  let release = (): void => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const slow: Check["run"] = async (_items, { direction }) => {
    if (direction === "output") await held
    return { signals: [], screened: true }
  }
  await using test = await startWith([classifier(slow, { deadlineMs: 20_000 })])
  test.upstream.answer = completion("words that wait to be looked at")
  const answer = await test.open("app", { stream: true })
  let text = ""
  for await (const piece of answer.body ?? []) {
    text += Buffer.from(piece).toString()
    if (text.includes(": keep-alive\n\n: keep-alive\n\n")) release()
    else expect(text).not.toContain("words")
  }
  expect(text).toContain("words")
  expect(text.replaceAll(": keep-alive\n\n", "")).toMatch(/\[DONE\]\n\n$/)
})

it("is reported in the caller's language", async () => {
  const block = classifier(async () => ({ signals: [{ check: "", rule: "r", decision: "block" }], screened: true }))
  await using test = await startWith([block])
  const said = async (language: string) =>
    (JSON.parse((await test.ask("app", {}, { "accept-language": language })).text) as { error: { message: string } })
      .error.message
  expect(await said("de-AT,en;q=0.5")).toBe("angehalten")
  expect(await said("fr, en;q=0.1")).toBe("stopped")
  expect(await said("canary;q=;;;,,,")).toBe("stopped")
})

describe("limits", () => {
  it("refuse a body that is too large, a key that calls too often, and an endless answer", async () => {
    await using test = await startWith([classifier(passes)], {
      limits: {
        maxRequestBytes: 10_000,
        maxAnswerBytes: 5_000,
        maxPictureBytes: 1e6,
        bodyMs: 5_000,
        upstreamMs: 300,
        idleMs: 300,
        perMinute: 1,
        burst: 3,
        maxChoices: 4,
        maxBodies: 512,
        maxBodyBytes: 1e8,
      },
    })
    expect((await test.ask("app", { user: "x".repeat(20_000) })).status).toBe(413)
    test.upstream.answer = completion("x".repeat(20_000), 1_000)
    expect((await test.ask("app")).status).toBe(502)
    expect((await test.ask("app", { stream: true })).text).toContain("upstream_failed")
    test.upstream.answer = completion("fine")
    expect((await test.ask("app")).status).toBe(200)
    const refused = await test.ask("app")
    expect(refused.status).toBe(429)
    expect(JSON.parse(refused.text)).toMatchObject({ error: { type: "rate_limit_error" } })
    expect((await test.ask("ours")).status).toBe(200)
  })

  it("end a call whose upstream does not answer or stalls", async () => {
    await using test = await startWith([classifier(passes)])
    test.upstream.answer = () => {}
    expect(await test.ask("app")).toMatchObject({ status: 504, text: expect.stringContaining("upstream_timed_out") })
    test.upstream.answer = (_seen, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" })
      response.write(events(chunk({ content: "a beginning" })))
    }
    expect((await test.ask("app", { stream: true })).text).toContain("upstream_timed_out")
  })
})
