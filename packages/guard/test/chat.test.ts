import { startTestGuard } from "@nightlight/dev-env/guard/guard"
import { chatAnswer, chunk, completion, events, json, stream } from "@nightlight/dev-env/guard/upstream"
import { dataUrl, picture } from "@nightlight/dev-env/guard/workspace"
import { testCardPng } from "@nightlight/screening"
import type OpenAI from "openai"
import { beforeEach, describe, expect, it } from "vitest"
import { useGuard } from "./support/use-guard.ts"

const given = useGuard((known) => startTestGuard(known))
beforeEach(() => {
  given.test.upstream.seen.length = 0
  given.test.upstream.answer = completion("hello there, friend")
})

const say = (content: OpenAI.ChatCompletionUserMessageParam["content"], rest: object = {}) =>
  given.test.client.chat.completions.create({
    model: "mock-1",
    messages: [{ role: "user", content }],
    ...rest,
  }) as Promise<OpenAI.ChatCompletion>
const see = (bytes: Uint8Array) => say([{ type: "image_url" as const, image_url: { url: dataUrl(bytes) } }])

async function streamed(content: string, rest: object = {}): Promise<OpenAI.ChatCompletionChunk[]> {
  const chunks: OpenAI.ChatCompletionChunk[] = []
  const answer = await given.test.client.chat.completions.create({
    model: "mock-1",
    messages: [{ role: "user", content }],
    stream: true,
    ...rest,
  })
  for await (const one of answer) chunks.push(one)
  return chunks
}
const textOf = (chunks: OpenAI.ChatCompletionChunk[], index = 0) =>
  chunks
    .flatMap(({ choices }) =>
      choices.filter((choice) => choice.index === index).map(({ delta }) => delta.content ?? ""),
    )
    .join("")
const reasonOf = (chunks: OpenAI.ChatCompletionChunk[]) =>
  chunks.flatMap(({ choices }) => choices.map(({ finish_reason }) => finish_reason)).filter((reason) => reason !== null)

const blocked = expect.objectContaining({
  status: 400,
  type: "invalid_request_error",
  code: "content_filter",
})

describe("a chat request without a finding", () => {
  it("is answered as the upstream answers, by the real client", async () => {
    const { choices, usage, model } = await say("hello")
    expect(choices[0]?.message.content).toBe("hello there, friend")
    expect(choices[0]?.finish_reason).toBe("stop")
    expect(usage?.total_tokens).toBe(3)
    expect(model).toBe("mock-1")
  })

  it("is streamed as the upstream streams, including usage and end", async () => {
    given.test.upstream.answer = stream(
      events(
        chunk({ role: "assistant", content: "" }),
        chunk({ content: "hello " }),
        chunk({ content: "there" }),
        chunk({}, { finish_reason: "stop" }),
        { ...chunk({}), choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
        "[DONE]",
      ),
    )
    const chunks = await streamed("hello", { stream_options: { include_usage: true } })
    expect(textOf(chunks)).toBe("hello there")
    expect(reasonOf(chunks)).toEqual(["stop"])
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 3 } })
  })

  it("reaches the upstream as it was inspected, and is stored nowhere", async () => {
    await say("hello", { temperature: 0.5, metadata: { team: "x" } })
    expect(given.test.upstream.seen[0]?.body).toEqual({
      model: "mock-1",
      messages: [{ role: "user", content: "hello" }],
      temperature: 0.5,
      metadata: { team: "x" },
      store: false,
    })
    expect(given.test.upstream.seen[0]?.headers["authorization"]).toBe("Bearer caller-key")
  })

  it("may contain a picture that is on no list", async () => {
    const answer = await see(await picture(2))
    expect(answer.choices[0]?.message.content).toBe("hello there, friend")
  })
})

describe("a listed picture in a chat request", () => {
  it("is refused once, and never forwarded", async () => {
    await expect(see(given.known)).rejects.toEqual(blocked)
    expect(given.test.upstream.seen).toEqual([])
  })

  it("may also be a test card", async () => {
    await expect(see(testCardPng(0))).rejects.toEqual(blocked)
    expect(given.test.upstream.seen).toEqual([])
  })

  it("gets the same status, headers and body as forbidden words, and as content that is not a picture", async () => {
    const answers = await Promise.all(
      [
        [{ type: "image_url", image_url: { url: dataUrl(given.known) } }],
        [{ type: "image_url", image_url: { url: dataUrl(Buffer.from("no picture at all")) } }],
        "some forbidden words",
      ].map(async (content) => {
        const answer = await fetch(`${given.test.guard.url}/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ model: "mock-1", messages: [{ role: "user", content }] }),
        })
        const { date, "x-request-id": id, ...headers } = Object.fromEntries(answer.headers)
        expect(id).toMatch(/^exchange-/)
        expect(date).toBeDefined()
        return { status: answer.status, headers, body: await answer.text() }
      }),
    )
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    expect(answers[0]?.headers["x-should-retry"]).toBe("false")
  })
})

describe("forbidden words in a prompt", () => {
  it.each([
    ["a message", { messages: [{ role: "user", content: "a canary-phrase here" }] }],
    [
      "an earlier answer",
      {
        messages: [
          { role: "assistant", content: "canary-phrase" },
          { role: "user", content: "x" },
        ],
      },
    ],
    ["a tool's answer", { messages: [{ role: "tool", tool_call_id: "c", content: "canary-phrase" }] }],
    ["a tool's description", { tools: [{ type: "function", function: { name: "f", description: "Canary-Phrase" } }] }],
    [
      "a schema",
      { tools: [{ type: "function", function: { name: "f", parameters: { properties: { "canary-phrase": {} } } } }] },
    ],
    ["a user's name", { user: "canary-phrase" }],
    ["a stop word", { stop: ["canary-phrase"] }],
  ])("in %s are refused before anything is forwarded", async (_, part) => {
    const messages = [{ role: "user", content: "hello" }]
    const asked = given.test.client.chat.completions.create({
      model: "m",
      messages,
      ...part,
    } as OpenAI.ChatCompletionCreateParamsNonStreaming)
    await expect(asked).rejects.toEqual(blocked)
    expect(given.test.upstream.seen).toEqual([])
  })

  it("change nothing where their rule runs in shadow", async () => {
    await expect(say("a shadow-phrase")).resolves.toBeDefined()
  })
})

describe("forbidden words in an answer", () => {
  it("are withheld, and the client sees that a filter did it", async () => {
    given.test.upstream.answer = json(chatAnswer({ content: "so, a canary-phrase" }))
    const { choices } = await say("hello")
    expect(choices[0]).toMatchObject({ finish_reason: "content_filter", message: { content: null } })
    expect(JSON.stringify(choices)).not.toContain("canary")
  })

  it.each([1, 3, 7, 64])("are withheld from a stream of deltas of %i characters", async (size) => {
    given.test.upstream.answer = completion(`a good beginning, and then a canary-phrase, and more`, size)
    const chunks = await streamed("hello")
    expect(textOf(chunks)).not.toContain("canary")
    expect("a good beginning, and then a canary-phrase").toContain(textOf(chunks))
    expect(reasonOf(chunks)).toEqual(["content_filter"])
  })

  it("end every choice of n once", async () => {
    given.test.upstream.answer = stream(
      events(
        chunk({ role: "assistant", content: "fine " }, { index: 0 }),
        chunk({ role: "assistant", content: "canary" }, { index: 1 }),
        chunk({ content: "so far" }, { index: 0 }),
        chunk({ content: "-phrase" }, { index: 1 }),
        chunk({}, { index: 0, finish_reason: "stop" }),
        chunk({}, { index: 1, finish_reason: "stop" }),
        "[DONE]",
      ),
    )
    const chunks = await streamed("hello", { n: 2 })
    expect(textOf(chunks, 1)).not.toContain("canary-phrase")
    const ended = (index: number) =>
      chunks
        .flatMap(({ choices }) => choices.filter((one) => one.index === index).map((one) => one.finish_reason))
        .at(-1)
    expect(ended(1)).toBe("content_filter")
    expect(["stop", "content_filter"]).toContain(ended(0))
    expect(reasonOf(chunks)).toHaveLength(2)
  })

  it("are found in a tool call, no part of which leaves", async () => {
    given.test.upstream.answer = stream(
      events(
        chunk({ role: "assistant", content: null }),
        chunk({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "f", arguments: "" } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":"can' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: 'ary-phrase"}' } }] }),
        chunk({}, { finish_reason: "tool_calls" }),
        "[DONE]",
      ),
    )
    const chunks = await streamed("hello")
    expect(chunks.some(({ choices }) => choices.some(({ delta }) => delta.tool_calls !== undefined))).toBe(false)
    expect(reasonOf(chunks)).toEqual(["content_filter"])
  })

  it("are withheld from its id or its model, whole or streamed", async () => {
    for (const field of ["id", "model"]) {
      given.test.upstream.answer = json({ ...chatAnswer(), [field]: "canary-phrase" })
      const whole = await say("hello")
      const chunks = [
        { ...chunk({ content: "hello" }), [field]: "canary-phrase" },
        chunk({}, { finish_reason: "stop" }),
      ]
      given.test.upstream.answer = stream(events(...chunks, "[DONE]"))
      const told = await streamed("hello")
      expect(reasonOf(told)).toEqual(["content_filter"])
      for (const answer of [whole, ...told]) {
        expect(answer).toMatchObject({ id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/), model: "mock-1" })
        expect(JSON.stringify(answer)).not.toContain("canary")
      }
      expect(new Set(told.map(({ id }) => id)).size).toBe(1)
    }
  })

  it("are found in reasoning and in a refusal", async () => {
    for (const field of ["reasoning_content", "refusal"]) {
      given.test.upstream.answer = json(chatAnswer({ content: null, [field]: "canary-phrase" }))
      const { choices } = await say("hello")
      expect(choices[0]?.finish_reason).toBe("content_filter")
    }
  })
})

it("are absent from a tool call, which passes whole", async () => {
  given.test.upstream.answer = stream(
    events(
      chunk({ role: "assistant", content: null }),
      chunk({
        tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "look", arguments: '{"a"' } }],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }),
      chunk({ tool_calls: [{ index: 1, id: "call_2", type: "function", function: { name: "see", arguments: "{}" } }] }),
      chunk({}, { finish_reason: "tool_calls" }),
      "[DONE]",
    ),
  )
  const chunks = await streamed("hello")
  const calls = chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.tool_calls ?? []))
  expect(calls).toEqual([
    { index: 0, id: "call_1", type: "function", function: { name: "look", arguments: '{"a":1}' } },
    { index: 1, id: "call_2", type: "function", function: { name: "see", arguments: "{}" } },
  ])
  expect(reasonOf(chunks)).toEqual(["tool_calls"])
})
