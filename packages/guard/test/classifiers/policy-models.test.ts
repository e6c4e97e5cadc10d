import { describe, expect, it } from "vitest"
import type { Check, CheckContext } from "../../src/checks/check.ts"
import { createLlamaGuard, type LlamaGuardOptions } from "../../src/checks/classifiers/llama-guard.ts"
import { codesOf, llamaGuardPrompt, parseAssessment } from "../../src/checks/classifiers/llama-guard-form.ts"
import type { RemoteService } from "../../src/checks/classifiers/remote/service.ts"
import { createSafeguard, type SafeguardOptions } from "../../src/checks/classifiers/safeguard.ts"
import { parseSafeguardAnswer, type SafeguardAnswer } from "../../src/checks/classifiers/safeguard-answer.ts"
import { createEngine } from "../../src/engine/engine.ts"
import type { CheckItem, Role } from "../../src/inspect/inspectable.ts"
import { chatAnswers, classifierService, completionAnswers } from "../support/classifier-service.ts"

const base = (service: RemoteService) =>
  ({ name: "asked", service, path: "/x", directions: ["input", "output"], deadlineMs: 10_000 }) as const

const llamaGuard = (service: RemoteService, over: Partial<LlamaGuardOptions> = {}): Check =>
  createLlamaGuard({
    ...base(service),
    model: "llama-guard",
    version: 4,
    api: "completions",
    rules: [{ category: "S4", decision: "block" }],
    ...over,
  })

const safeguard = (service: RemoteService, over: Partial<SafeguardOptions> = {}): Check =>
  createSafeguard({
    ...base(service),
    model: "gpt-oss-safeguard",
    api: "chat",
    answer: "violation-category",
    policy: "H2: birds are a violation.",
    effort: "low",
    categories: ["H2", "H2.f"],
    decision: "block",
    ...over,
  })

const said = (offset: number, role: Role, text: string, over: Partial<CheckItem> = {}): CheckItem =>
  ({ kind: "text", role, channel: "text", choice: 0, path: `messages[${offset}].content`, text, ...over }) as CheckItem

function look(check: Check, items: readonly CheckItem[], context: Partial<CheckContext> = {}) {
  const engine = createEngine({ checks: [check], isExcepted: () => false, now: () => new Date() })
  return engine.run(
    items,
    {
      exchange: "exchange-1",
      endpoint: "chat",
      direction: "input",
      caller: { id: "c", trusted: false },
      ...context,
    },
    new AbortController().signal,
  )
}

const ASKED = [
  said(0, "system", "You tell about animals."),
  said(1, "user", "What is small?"),
  said(2, "assistant", "A mouse."),
  said(3, "tool", "mice: 4"),
  said(4, "user", "And blue?"),
]

describe("Llama Guard", () => {
  const conversations = (asked: readonly { readonly body: Record<string, unknown> }[]) =>
    asked.map(({ body }) => {
      const prompt = body["prompt"] as string
      return {
        judged: /ONLY THE LAST (\w+) message/.exec(prompt)?.[1],
        turns: /<BEGIN CONVERSATION>\n\n([\s\S]*)\n\n<END CONVERSATION>/.exec(prompt)?.[1]?.split("\n\n"),
      }
    })

  it("judges an agent's turn with the user's as context; instructions, old answers and tools never count as the user's", async () => {
    await using server = await classifierService(completionAnswers(() => "\n\nsafe"))
    expect(await look(llamaGuard(server.service), ASKED)).toMatchObject({ action: "pass" })
    expect(conversations(server.asked)).toEqual([
      { judged: "Agent", turns: ["User: What is small?", "Agent: You tell about animals."] },
      { judged: "User", turns: ["User: What is small?"] },
      { judged: "Agent", turns: ["User: What is small?", "Agent: A mouse.\nmice: 4"] },
      { judged: "User", turns: ["User: What is small?", "Agent: A mouse.\nmice: 4", "User: And blue?"] },
    ])
  })

  it("judges an answer, and each window of a stream, with the request as context", async () => {
    await using server = await classifierService(completionAnswers(() => "\n\nunsafe\nS4"))
    const answer = [said(0, "assistant", "A bird.", { path: "choices[0].message.content" })]
    const outcome = await look(llamaGuard(server.service), answer, { direction: "output", requestItems: ASKED })
    expect(outcome).toMatchObject({ action: "block", signals: [{ rule: "S4", item: 0 }] })
    expect(conversations(server.asked)).toEqual([
      {
        judged: "Agent",
        turns: ["User: What is small?", "Agent: A mouse.\nmice: 4", "User: And blue?", "Agent: A bird."],
      },
    ])
  })

  it("asks again about a cleared turn only when its context changes", async () => {
    await using server = await classifierService(completionAnswers(() => "safe"))
    const check = llamaGuard(server.service)
    await look(check, ASKED)
    server.asked.length = 0
    await look(check, [...ASKED, said(5, "assistant", "A jay."), said(6, "user", "And red?")])
    expect(conversations(server.asked).map(({ judged }) => judged)).toEqual(["Agent", "User"])
  })

  it("is asked by chat, in alternating turns, where the server offers only chat", async () => {
    await using server = await classifierService(chatAnswers(() => "safe"))
    expect(await look(llamaGuard(server.service, { api: "chat" }), ASKED)).toMatchObject({ action: "pass" })
    expect(server.asked.at(-1)?.body).toMatchObject({
      messages: [
        { role: "user", content: "What is small?" },
        { role: "assistant", content: "A mouse.\nmice: 4" },
        { role: "user", content: "And blue?" },
      ],
      temperature: 0,
    })
    expect(server.asked.at(-1)?.body).not.toHaveProperty("prompt")
  })

  it("has the categories of its version", async () => {
    expect([codesOf(3), codesOf("3-1b"), codesOf(4)].map(({ length }) => length)).toEqual([14, 13, 14])
    expect(llamaGuardPrompt("3-1b", [{ side: "User", text: "x" }])).not.toContain("S14")
    expect(() => parseAssessment("unsafe\nS14", "3-1b")).toThrow(expect.objectContaining({ code: "answer_malformed" }))
    await using server = await classifierService(() => ({}))
    const rules = [{ category: "S14", decision: "block" }] as const
    expect(() => llamaGuard(server.service, { version: "3-1b", rules })).toThrow(/no category S14/)
  })
})

describe("gpt-oss-safeguard", () => {
  it("gets the conversation with its speakers, by chat where the server offers only chat", async () => {
    await using server = await classifierService(chatAnswers(() => '{"violation":0,"category":null}'))
    expect(await look(safeguard(server.service), ASKED)).toMatchObject({ action: "pass" })
    expect(server.asked).toMatchObject([
      {
        body: {
          messages: [
            { role: "system", content: expect.stringContaining("H2: birds are a violation.") },
            {
              role: "user",
              content:
                "System: You tell about animals.\n\nUser: What is small?\n\nAssistant: A mouse.\n\nTool: mice: 4\n\nUser: And blue?",
            },
          ],
          reasoning_effort: "low",
        },
      },
    ])
  })

  it("gets the request beside an answer", async () => {
    await using server = await classifierService(chatAnswers(() => '{"violation":0,"category":null}'))
    const answer = [said(0, "assistant", "A bird.", { path: "choices[0].message.content" })]
    await look(safeguard(server.service), answer, { direction: "output", requestItems: ASKED })
    expect(server.asked.map(({ body }) => (body["messages"] as { content: string }[])[1]?.content)).toEqual([
      "Tool: mice: 4\n\nUser: And blue?\n\nAssistant: A bird.",
    ])
  })

  it.each([
    ["policy-ids", '{"violation":1,"policy_category":"H2.f"}', "H2.f"],
    ["policy-ids", '{"violation":1,"policy_category":"X","rule_ids":["H9","H2"]}', "H2"],
    [
      "rationale",
      '{"violation":1,"policy_category":"H2.f","rule_ids":["H2.d"],"confidence":"high","rationale":"A canary."}',
      "H2.f",
    ],
    ["rationale", '{"violation":1,"rationale":"A canary."}', "other"],
    ["binary", "1", "other"],
    ["binary", " 1\n", "other"],
    ["violation-category", '{"violation":1,"category":"H2"}', "H2"],
  ] as const)("finds a violation in an answer of the declared form %s: %s", async (answer, text, rule) => {
    await using server = await classifierService(chatAnswers(() => text))
    const outcome = await look(safeguard(server.service, { answer }), ASKED)
    expect(outcome).toMatchObject({ action: "block", signals: [{ rule, category: rule }] })
    expect(JSON.stringify(outcome)).not.toContain("canary")
    // Only for its own form is the model told how to answer: else the policy is.
    expect(JSON.stringify(server.asked[0]?.body).includes("# Output")).toBe(answer === "violation-category")
  })

  it.each([
    ["policy-ids", '{"violation":0,"policy_category":null}'],
    ["policy-ids", '{"violation":0}'],
    ["rationale", '{"violation":0,"rationale":"Nothing."}'],
    ["binary", "0"],
  ] as const)("passes an answer of the form %s that says no violation: %s", async (answer, text) => {
    await using server = await classifierService(chatAnswers(() => text))
    expect(await look(safeguard(server.service, { answer }), ASKED)).toMatchObject({ action: "pass", signals: [] })
  })

  const OTHERS: readonly (readonly [SafeguardAnswer, string])[] = [
    ["binary", '{"violation":0}'],
    ["binary", "0 1"],
    ["binary", "00"],
    ["binary", ""],
    ["policy-ids", "0"],
    ["policy-ids", '{"violation":0,"rationale":"x"}'],
    ["policy-ids", '{"violation":"0"}'],
    ["rationale", '{"violation":0}'],
    ["rationale", '```json\n{"violation":0,"rationale":"x"}\n```'],
    ["rationale", '{"violation":0,"rationale":"x"} {"violation":1,"rationale":"x"}'],
    ["violation-category", '{"violation":0}'],
    ["violation-category", "0"],
    ["violation-category", '{"violation":2,"category":null}'],
  ]
  it.each(OTHERS)("fails with a named cause on an answer not of the declared form %s: %s", async (answer, text) => {
    expect(() => parseSafeguardAnswer(text, answer)).toThrow(expect.objectContaining({ code: "answer_malformed" }))
    await using server = await classifierService(chatAnswers(() => text))
    expect(await look(safeguard(server.service, { answer }), ASKED)).toMatchObject({
      action: "unavailable",
      failures: [{ cause: "wrong_form" }],
    })
  })

  it("fails on an answer that was cut off, and on one with two choices", async () => {
    await using server = await classifierService(chatAnswers(() => "0", "length"))
    expect(await look(safeguard(server.service, { answer: "binary" }), ASKED)).toMatchObject({ action: "unavailable" })
    const choice = { message: { role: "assistant", content: "0" }, finish_reason: "stop" }
    server.answer = () => ({ choices: [choice, choice] })
    expect(await look(safeguard(server.service, { answer: "binary" }), ASKED)).toMatchObject({ action: "unavailable" })
  })
})
