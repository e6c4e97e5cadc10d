import { describe, expect, it } from "vitest"
import { ClearedQuestions } from "../../src/checks/classifiers/cleared.ts"
import { createHttpDetector } from "../../src/checks/classifiers/http-detector.ts"
import { createModeration, type ModerationOptions } from "../../src/checks/classifiers/moderation.ts"
import type { RemoteService } from "../../src/checks/classifiers/remote/service.ts"
import { createEngine } from "../../src/engine/engine.ts"
import type { CheckItem, Role } from "../../src/inspect/inspectable.ts"
import { classifierService, moderationAnswers } from "../support/classifier-service.ts"
import { chatContext } from "../support/held.ts"

const CONTEXT = chatContext("input")

const turn = (offset: number, text: string): CheckItem => {
  const role: Role = offset % 2 === 0 ? "user" : "assistant"
  return { kind: "text", role, channel: "text", choice: 0, path: `messages[${offset}].content`, text }
}
const chat = (turns: number) =>
  Array.from({ length: turns }, (_, index) => turn(index, `what was said in turn ${index}`))

const options = (service: RemoteService, over: Partial<ModerationOptions> = {}): ModerationOptions => ({
  name: "asked",
  service,
  path: "/x",
  directions: ["input", "output"],
  deadlineMs: 10_000,
  model: "omni",
  images: false,
  rules: [{ label: "sexual", threshold: 0.5, decision: "block" }],
  ...over,
})

function look(check: ReturnType<typeof createModeration>, items: readonly CheckItem[]) {
  const engine = createEngine({ checks: [check], isExcepted: () => false, now: () => new Date() })
  return engine.run(items, CONTEXT, new AbortController().signal)
}
const textsOf = (asked: readonly { readonly body: Record<string, unknown> }[]) =>
  asked.flatMap(({ body }) => body["input"] as string[])

describe("a text that a classifier cleared", () => {
  it("is not asked about again: only the new turns of a growing conversation are", async () => {
    await using server = await classifierService(moderationAnswers(() => 0))
    const check = createModeration(options(server.service))
    expect(await look(check, chat(200))).toMatchObject({ action: "pass" })
    expect(textsOf(server.asked)).toHaveLength(200)
    server.asked.length = 0
    expect(await look(check, chat(202))).toMatchObject({ action: "pass" })
    expect(textsOf(server.asked)).toEqual(["what was said in turn 200", "what was said in turn 201"])
  })

  it("is asked about again where anything was found, even in shadow", async () => {
    await using server = await classifierService(moderationAnswers(() => 0.9))
    for (const rule of [{ decision: "clear" }, { decision: "block", shadow: true }] as const) {
      const check = createModeration(options(server.service, { rules: [{ label: "sexual", threshold: 0.5, ...rule }] }))
      server.asked.length = 0
      for (let call = 0; call < 2; call++) await look(check, chat(1))
      expect(server.asked).toHaveLength(2)
    }
  })

  it("is remembered only for the same check and configuration", async () => {
    await using server = await classifierService(moderationAnswers(() => 0.4))
    expect(await look(createModeration(options(server.service)), chat(1))).toMatchObject({ action: "pass" })
    const stricter = options(server.service, { rules: [{ label: "sexual", threshold: 0.3, decision: "block" }] })
    expect(await look(createModeration(stricter), chat(1))).toMatchObject({ action: "block" })
  })

  it("is asked about again after its lifetime, and where remembering is off", async () => {
    await using server = await classifierService(moderationAnswers(() => 0))
    let now = 0
    const clock = { now: () => new Date(now) }
    const cleared = { entries: 10, lifetimeMs: 1_000 }
    const check = createModeration(options(server.service, { cleared, clock }))
    await look(check, chat(1))
    now = 999
    await look(check, chat(1))
    expect(server.asked).toHaveLength(1)
    now = 1_000
    await look(check, chat(1))
    expect(server.asked).toHaveLength(2)
    const forgetful = createModeration(options(server.service, { cleared: { entries: 0, lifetimeMs: 1_000 } }))
    for (let call = 0; call < 2; call++) await look(forgetful, chat(1))
    expect(server.asked).toHaveLength(4)
  })

  it("is never a picture", async () => {
    await using server = await classifierService(() => ({ labels: { bird: 0 } }))
    const check = createHttpDetector({
      ...options(server.service),
      media: ["image"],
      ask: "message",
      request: { image: "{{image}}" },
      answer: { labels: "/labels" },
      rules: [{ label: "bird", threshold: 0.5, decision: "block" }],
    })
    const place = { role: "user", channel: "image", choice: 0, path: "x" } as const
    for (let call = 0; call < 2; call++) await look(check, [{ ...place, kind: "bytes", bytes: new Uint8Array(8) }])
    expect(server.asked).toHaveLength(2)
  })

  it("is kept as a digest under a key of its own, the least recently used forgotten first", () => {
    const made = [0, 1].map(() => new ClearedQuestions({ entries: 2, lifetimeMs: 1_000 }))
    const [one, other] = made as [ClearedQuestions, ClearedQuestions]
    expect(one.digestOf("canary")).not.toBe(other.digestOf("canary"))
    expect(JSON.stringify(one)).not.toContain("canary")
    for (const question of ["a", "b"]) one.add(one.digestOf(question))
    expect(one.has(one.digestOf("a"))).toBe(true)
    one.add(one.digestOf("c"))
    expect(["a", "b", "c"].map((question) => one.has(one.digestOf(question)))).toEqual([true, false, true])
    expect(one.size).toBe(2)
  })
})
