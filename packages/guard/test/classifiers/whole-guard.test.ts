import { startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { completion } from "@nightlight/dev-env/guard/upstream"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import {
  type Answers,
  type Asked,
  type ClassifierService,
  chatAnswers,
  classifierService,
  completionAnswers,
  moderationAnswers,
} from "../support/classifier-service.ts"

const until = new Date(Date.now() + 86_400_000).toISOString()
const CANARY = "canary"

const config = (origin: string) => {
  const egress = `egress: { origin: "${origin}", region: here, contractReference: none, timeoutSeconds: 20 }`
  return `version: 1
endpoints: [chat]
checks:
  - { kind: patterns, name: words, file: patterns.yaml }
  - { kind: moderation, name: moderation, ${egress}, rules: [{ label: sexual, threshold: 0.5 }] }
  - { kind: safeguard, name: policy, ${egress}, api: chat, policyFile: policy.md, answer: binary, deadlineSeconds: 60 }
  - { kind: llama-guard, name: guard, ${egress}, model: m, version: 4, deadlineSeconds: 60 }
  - kind: http-detector
    name: own
    path: /own
    media: [text]
    ${egress}
    deadlineSeconds: 60
    request: { text: "{{text}}" }
    rules: [{ label: found, threshold: 0.5 }]
exceptions:
  - { surface: chat.input.image, reason: a test, approvedBy: [ada, bob], until: "${until}" }
`
}

/** Each service in its own form; whoever is asked about the canary finds it, if it is the one that looks for it. */
const answers =
  (finder?: string): Answers =>
  (asked, response) => {
    const finds = (path: string, text: string) => finder === path && text.includes(CANARY)
    const byPath: Readonly<Record<string, Answers>> = {
      "/v1/moderations": moderationAnswers((_, text) => (finds("/v1/moderations", text) ? 0.9 : 0)),
      "/v1/chat/completions": chatAnswers((text) => (finds("/v1/chat/completions", text) ? "1" : "0")),
      "/v1/completions": completionAnswers((prompt) => (finds("/v1/completions", prompt) ? "unsafe\nS4" : "safe")),
      "/own": ({ body }) => ({ labels: { found: finds("/own", body["text"] as string) ? 0.9 : 0 } }),
    }
    return byPath[asked.path]?.(asked, response)
  }

let service: ClassifierService
let test: TestGuard
beforeAll(async () => {
  service = await classifierService(answers())
  test = await startTestGuard([], { config: config(service.origin), files: { "policy.md": "Birds are a violation." } })
})
afterAll(async () => {
  await test[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})
beforeEach(() => {
  service.asked.length = 0
  service.answer = answers()
  test.upstream.answer = completion("fine")
})

const turns = (count: number, topic: string) =>
  Array.from({ length: count }, (_, index) => ({
    role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
    content: `${topic}, turn ${index}`,
  }))
const callsOf = (path: string): Asked[] => service.asked.filter((asked) => asked.path === path)

const TOOL = {
  type: "function" as const,
  function: {
    name: "book_table",
    description: "Books a table",
    parameters: {
      type: "object",
      properties: Object.fromEntries(
        Array.from({ length: 40 }, (_, index) => [
          `field_${index}`,
          { type: "string", description: `What field ${index} is for` },
        ]),
      ),
    },
  },
}

describe("a guard with classifiers", () => {
  it("lets a tool with 40 properties pass, and asks each service about it once", async () => {
    const messages = [{ role: "user" as const, content: "a table for two" }]
    await test.client.chat.completions.create({ model: "m", messages, tools: [TOOL] })
    const texts = callsOf("/own").map(({ body }) => body["text"] as string)
    expect(texts.filter((text) => text.includes("field_39"))).toHaveLength(1)
    // Tools, the message, the answer.
    expect(texts).toHaveLength(3)
    expect(callsOf("/v1/chat/completions")).toHaveLength(2)
    expect(callsOf("/v1/completions")).toHaveLength(3)
    expect(callsOf("/v1/moderations")).toHaveLength(2)
  })

  it("lets a chat of 200 turns pass, and asks only about new turns when it has grown", async () => {
    test.upstream.answer = completion("the sun shines")
    await test.client.chat.completions.create({ model: "m", messages: turns(201, "the weather") })
    expect(callsOf("/own")).toHaveLength(202)
    expect(callsOf("/v1/moderations")).toHaveLength(8)
    service.asked.length = 0
    await test.client.chat.completions.create({ model: "m", messages: turns(203, "the weather") })
    // Two new turns; the answer is the one that was cleared before.
    expect(callsOf("/own")).toHaveLength(2)
    expect(callsOf("/v1/completions")).toHaveLength(3)
    expect(callsOf("/v1/moderations")).toHaveLength(1)
  })

  it.each(["/own", "/v1/moderations", "/v1/completions", "/v1/chat/completions"])(
    "finds forbidden content in any turn of a long chat, by %s",
    async (path) => {
      for (const [at, role] of [
        [0, "user"],
        [17, "assistant"],
        [40, "user"],
      ] as const) {
        service.answer = answers(path)
        const messages = turns(41, `${path} ${at}`)
        messages[at] = { role, content: `here is a ${CANARY} ${path}` }
        await expect(test.client.chat.completions.create({ model: "m", messages })).rejects.toMatchObject({
          code: "content_filter",
        })
      }
    },
  )

  it("judges the windows of a stream beside the request, and ends the stream at a match", async () => {
    const said = `${"All is well. ".repeat(60)}a ${CANARY} ${"and more ".repeat(100)}`
    test.upstream.answer = completion(said, 40)
    service.answer = answers("/v1/completions")
    const messages = [{ role: "user" as const, content: "What is the news?" }]
    const stream = await test.client.chat.completions.create({ model: "m", messages, stream: true })
    let text = ""
    let ended: string | null | undefined
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? ""
      ended = choices[0]?.finish_reason ?? ended
    }
    expect(ended).toBe("content_filter")
    expect(text).not.toContain(CANARY)
    const windows = callsOf("/v1/completions").map(({ body }) => body["prompt"] as string)
    const judged = windows.filter((prompt) => prompt.includes("ONLY THE LAST Agent"))
    expect(judged.length).toBeGreaterThan(0)
    for (const prompt of judged) expect(prompt).toContain("User: What is the news?\n\nAgent: ")
  })
})
