import { MINUTE_MS } from "@nightlight/core"
import { startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { canSpeak, checkStates, failingFaults } from "../../src/admin/check-watch.ts"
import type { Check } from "../../src/checks/check.ts"
import type { ClassifierOptions } from "../../src/checks/classifiers/classifier.ts"
import { createHttpDetector } from "../../src/checks/classifiers/http-detector.ts"
import type { RemoteService } from "../../src/checks/classifiers/remote/service.ts"
import { createEngine } from "../../src/engine/engine.ts"
import type { CheckItem } from "../../src/inspect/inspectable.ts"
import { type Answers, type ClassifierService, classifierService } from "../support/classifier-service.ts"

const until = new Date(Date.now() + 86_400_000).toISOString()

const config = (origin: string) => `version: 1
endpoints: [chat]
checks:
  - { kind: patterns, name: words, file: patterns.yaml }
  - kind: http-detector
    name: own
    path: /x
    media: [text]
    egress: { origin: "${origin}", region: here, contractReference: none, timeoutSeconds: 0.4 }
    deadlineSeconds: 5
    retries: 0
    breakerFailures: 1000
    request: { text: "{{text}}" }
    rules: [{ label: found, threshold: 0.5 }]
exceptions:
  - { surface: chat.input.image, reason: a test, approvedBy: [ada, bob], until: "${until}" }
`

const WELL: Answers = () => ({ labels: { found: 0 } })
const FAILS: Answers = (_, response) => response.writeHead(500).end("{}")
let service: ClassifierService
let test: TestGuard
beforeAll(async () => {
  service = await classifierService(WELL)
  test = await startTestGuard([], { config: config(service.origin) })
})
afterAll(async () => {
  await test[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})
/** So that no question was asked before. */
let calls = 0

async function call(content = `hello ${calls++}`): Promise<number> {
  const answer = await fetch(`${test.guard.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content }] }),
  })
  await answer.arrayBuffer()
  return answer.status
}

async function readyz() {
  const answer = await fetch(`${test.guard.adminUrl}/readyz`)
  const state = (await answer.json()) as { readonly faults: readonly string[] }
  // This guard has no place to keep what it blocked.
  return {
    status: answer.status,
    state: { ...state, faults: state.faults.filter((code) => code !== "nothing_is_kept") },
  }
}

async function failures(cause: string): Promise<number> {
  const text = await (await fetch(`${test.guard.adminUrl}/metrics`)).text()
  return Number(new RegExp(`check_failures_total{check="own",cause="${cause}"} (\\d+)`).exec(text)?.[1] ?? 0)
}

function detector(service: RemoteService, over: Partial<ClassifierOptions> = {}): Check {
  return createHttpDetector({
    name: "own",
    service,
    path: "/x",
    directions: ["input"],
    deadlineMs: 10_000,
    media: ["text"],
    ask: "message",
    request: { text: "{{text}}" },
    answer: { labels: "/labels" },
    rules: [{ label: "found", threshold: 0.5, decision: "block" }],
    ...over,
  })
}

function look(check: Check, ...texts: readonly string[]) {
  const engine = createEngine({ checks: [check], isExcepted: () => false, now: () => new Date() })
  const given = texts.length === 0 ? [`hello ${calls++}`] : texts
  const items = given.map(
    (text, index): CheckItem => ({
      kind: "text",
      role: "user",
      channel: "text",
      choice: 0,
      path: `messages[${index}].content`,
      text,
    }),
  )
  const caller = { id: "c", trusted: false }
  const context = { exchange: "e", endpoint: "chat", direction: "input", caller } as const
  return engine.run(items, context, new AbortController().signal)
}

describe("a classifier that gives no verdict", () => {
  it.each([
    ["hangs", () => undefined, "timed_out"],
    ["is dead", (_, response) => response.destroy(), "unreachable"],
    ["fails", (_, response) => response.writeHead(500).end("{}"), "unavailable"],
    ["takes no more questions", (_, response) => response.writeHead(429).end("{}"), "overloaded"],
    ["does not take the key", (_, response) => response.writeHead(401).end("{}"), "refused"],
    ["lies", () => ({ labels: {} }), "wrong_form"],
  ] as [string, Answers, string][])(
    "shows at the first failure, with its cause, until it answers: it %s",
    { timeout: 3 * MINUTE_MS },
    async (_, answer, cause) => {
      await vi.waitFor(async () => expect((await readyz()).state).toMatchObject({ ready: true, faults: [] }), {
        timeout: 30_000,
      })
      const before = await failures(cause)
      service.answer = answer
      expect(await call()).toBe(400)
      expect((await readyz()).state).toMatchObject({
        faults: expect.arrayContaining([`check_unready:own:${cause}`]),
        checks: [{ name: "own", failing: { cause }, last: { cause } }],
      })
      await vi.waitFor(async () => expect(await readyz()).toMatchObject({ status: 503, state: { ready: false } }), {
        timeout: 30_000,
      })
      expect(await failures(cause)).toBe(before + 1)
      service.answer = WELL
      await vi.waitFor(async () => expect(await call()).toBe(200), { timeout: 30_000 })
      // The last answer of each check, asked every few seconds, may still be the earlier one.
      await vi.waitFor(
        async () =>
          expect((await readyz()).state).toMatchObject({ ready: true, faults: [], checks: [{ last: { cause } }] }),
        { timeout: 30_000 },
      )
    },
  )

  it("does not take the guard out of service when one caller's content is the cause", async () => {
    service.answer = ({ body }) => (body["text"] === "canary" ? { labels: {} } : { labels: { found: 0 } })
    expect(await call("canary")).toBe(400)
    expect((await readyz()).status).toBe(200)
    // A harmless question is asked at once: its answer clears what was told.
    await vi.waitFor(async () => expect((await readyz()).state).toMatchObject({ ready: true, faults: [] }), {
      timeout: 30_000,
    })
    expect((await readyz()).state).toMatchObject({ checks: [{ name: "own", last: { cause: "wrong_form" } }] })
  })

  it("is named, and the guard stays ready, while an exception in force excuses it", async () => {
    await using failing = await classifierService(FAILS)
    for (const openUntil of [undefined, until]) {
      const check = detector(failing.service, openUntil === undefined ? {} : { openUntil })
      await look(check)
      expect(failingFaults(checkStates([check]))).toEqual(["check_unready:own:unavailable"])
      expect(canSpeak([check], new Date())).toBe(openUntil !== undefined)
    }
  })

  it("is named when the content needs too many questions, which is not its fault", async () => {
    await using idle = await classifierService(WELL)
    const check = detector(idle.service, { pieces: { maxPieces: 1 } })
    expect(await look(check, "word ".repeat(10_000))).toMatchObject({ failures: [{ cause: "too_many_pieces" }] })
    expect(failingFaults(checkStates([check]))).toEqual(["check_unready:own:too_many_pieces"])
    expect(canSpeak([check], new Date())).toBe(true)
    expect(idle.asked).toEqual([])
    await look(check)
    expect(failingFaults(checkStates([check]))).toEqual([])
  })

  it("is named when all questions together exceeded its deadline, though its service answered", async () => {
    await using slow = await classifierService(({ body }, response) => {
      if (body["text"] !== "last") return { labels: { found: 0 } }
      response.writeHead(200, { "content-type": "application/json" }).flushHeaders()
      return undefined
    })
    const check = detector(slow.service, { deadlineMs: 300, concurrency: 1 })
    expect(await look(check, "first", "last")).toMatchObject({ failures: [{ cause: "timed_out" }] })
    await vi.waitFor(() => expect(check.health?.()).toMatchObject({ last: { cause: "timed_out" } }), {
      timeout: 30_000,
    })
    expect(canSpeak([check], new Date())).toBe(true)
  })
})
