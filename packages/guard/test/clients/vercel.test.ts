import { createOpenAI, type OpenAIProvider } from "@ai-sdk/openai"
import { compact, MINUTE_MS } from "@nightlight/core"
import { chatAnswer, chunk, completion, events, json, stream } from "@nightlight/dev-env/guard/upstream"
import { APICallError, generateImage, generateText, jsonSchema, type ModelMessage, streamText, type ToolSet } from "ai"
import { beforeEach, describe, expect, it } from "vitest"
import { answerOf, startClientGuard, UNANSWERED } from "../support/client-guard.ts"
import { useGuard } from "../support/use-guard.ts"

const given = useGuard(startClientGuard)
beforeEach(() => {
  given.test.reset()
  given.test.upstream.answer = completion("hello there, friend")
})

const provider = (apiKey = given.test.keys.other): OpenAIProvider =>
  createOpenAI({ baseURL: given.test.guard.url, apiKey, fetch: given.test.fetch })
const ask = (content: string, apiKey?: string) =>
  generateText({ model: provider(apiKey).chat("mock-1"), prompt: content })
const see = (bytes: Uint8Array) =>
  generateText({
    model: provider().chat("mock-1"),
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "what is it?" },
          { type: "file", mediaType: "image/png", data: bytes },
        ],
      },
    ] satisfies ModelMessage[],
  })
const tools: ToolSet = {
  look: {
    description: "Looks.",
    inputSchema: jsonSchema<{ at: number }>({
      type: "object",
      properties: { at: { type: "number" } },
      required: ["at"],
    }),
  },
}

/** The output of a stream that its reader reads to the end. */
async function streamed(content: string, withTools = false, apiKey?: string) {
  const errors: unknown[] = []
  const result = streamText({
    model: provider(apiKey).chat("mock-1"),
    prompt: content,
    ...compact({ tools: withTools ? tools : undefined }),
    onError: ({ error }) => {
      errors.push(error)
    },
  })
  const parts: { readonly type: string }[] = []
  for await (const part of result.stream) parts.push(part)
  const ended = parts.find(({ type }) => type === "finish") as { readonly finishReason?: string } | undefined
  const texts = parts.filter(({ type }) => type === "text-delta") as unknown as { readonly text: string }[]
  return { errors, parts, finishReason: ended?.finishReason, text: texts.map(({ text }) => text).join("") }
}

/** The error of a call that was refused. */
async function thrownBy(call: PromiseLike<unknown>): Promise<unknown> {
  return call.then(
    () => expect.unreachable("expected an error"),
    (error: unknown) => error,
  )
}

function expectNoRetry(error: unknown): void {
  expect(APICallError.isInstance(error)).toBe(true)
  expect(error).toMatchObject({ statusCode: 400, isRetryable: false })
  expect(given.test.calls).toHaveLength(1)
  expect(given.test.calls[0]?.exchange).toMatch(/^exchange-/)
}

describe("the Vercel AI SDK", () => {
  it("chats, whole and streamed", async () => {
    const { text, finishReason, usage } = await ask("hello")
    expect({ text, finishReason }).toEqual({ text: "hello there, friend", finishReason: "stop" })
    expect(usage.totalTokens).toBe(3)
    expect(await streamed("hello")).toMatchObject({ text: "hello there, friend", finishReason: "stop", errors: [] })
    expect(given.test.calls).toHaveLength(2)
  })

  it("gets tool calls, whole and streamed", async () => {
    const call = { id: "call_1", type: "function", function: { name: "look", arguments: '{"at":1}' } }
    const message = { content: null, tool_calls: [call] }
    const choices = [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "tool_calls" }]
    given.test.upstream.answer = json(chatAnswer({}, { choices }))
    const { toolCalls, finishReason } = await generateText({
      model: provider().chat("mock-1"),
      prompt: "hello",
      tools,
    })
    const expected = { toolCallId: "call_1", toolName: "look", input: { at: 1 } }
    expect(toolCalls).toEqual([expect.objectContaining(expected)])
    expect(finishReason).toBe("tool-calls")
    given.test.upstream.answer = stream(
      events(
        chunk({
          role: "assistant",
          tool_calls: [{ index: 0, ...call, function: { name: "look", arguments: '{"at"' } }],
        }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }),
        chunk({}, { finish_reason: "tool_calls" }),
        "[DONE]",
      ),
    )
    const { parts, finishReason: ended } = await streamed("hello", true)
    expect(parts).toContainEqual(expect.objectContaining({ type: "tool-call", ...expected }))
    expect(ended).toBe("tool-calls")
  })

  it("sends pictures, which reach the upstream when they are on no list", async () => {
    expect((await see(given.fine)).text).toBe("hello there, friend")
    expect(given.test.upstream.seen[0]?.text).toContain(given.fine.toString("base64"))
  })

  it("does not retry a listed picture or forbidden words", async () => {
    const ofPicture = await thrownBy(see(given.known))
    expectNoRetry(ofPicture)
    const ofPictures = given.test.calls.map(answerOf)
    given.test.reset()
    const ofWords = await thrownBy(ask("a canary-phrase"))
    expectNoRetry(ofWords)
    expect(given.test.calls.map(answerOf)).toEqual(ofPictures)
    given.test.reset()
    const { errors, text } = await streamed("a canary-phrase")
    expect(errors).toHaveLength(1)
    expectNoRetry(errors[0])
    expect(text).toBe("")
    expect(given.test.upstream.seen).toEqual([])
  })

  it("ends a blocked answer as filtered, whole and streamed, and shows nothing of it", async () => {
    given.test.upstream.answer = completion("a good beginning, and then a canary-phrase, and more", 3)
    const whole = await ask("hello")
    expect(whole.finishReason).toBe("content-filter")
    expect(JSON.stringify(whole.steps)).not.toContain("canary")
    const told = await streamed("hello")
    expect(told).toMatchObject({ finishReason: "content-filter", errors: [] })
    // The library shows a refusal as text: the operator's words stand where the answer stopped.
    expect(told.text).toMatch(/^(?:a good[a-z ,]*)?This request was stopped/)
    expect(told.text).not.toContain("canary")
    expect(JSON.stringify(told.parts)).not.toContain("canary-phrase")
    expect(given.test.calls).toHaveLength(2)
    expect(given.test.upstream.seen).toHaveLength(2)
  })

  it("with a trusted key retries when a check is unavailable, and is answered once it is back", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    given.test.failNext(1)
    expect((await ask(UNANSWERED, given.test.keys.trusted)).text).toBe("hello there, friend")
    expect(given.test.calls.map(({ status }) => status)).toEqual([503, 200])
    expect(new Set(given.test.calls.map(({ exchange }) => exchange)).size).toBe(2)
    expect(given.test.upstream.seen).toHaveLength(1)
  })

  it("with another key sees a block when a check is unavailable, and does not retry", async () => {
    given.test.failNext(1)
    expectNoRetry(await thrownBy(ask(UNANSWERED)))
    const unavailable = given.test.calls.map(answerOf)
    given.test.reset()
    expectNoRetry(await thrownBy(ask("a canary-phrase")))
    expect(given.test.calls.map(answerOf)).toEqual(unavailable)
    expect(given.test.upstream.seen).toEqual([])
  })

  it("shows nothing of an unchecked answer: an error to a trusted key, a filtered end to others", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    given.test.upstream.answer = completion(`${UNANSWERED}, said by the model`)
    given.test.failNext(100)
    const { finishReason, steps } = await ask("hello")
    expect(finishReason).toBe("content-filter")
    expect(JSON.stringify(steps)).not.toContain(UNANSWERED)
    const told = await streamed("hello")
    expect(told).toMatchObject({ finishReason: "content-filter", errors: [] })
    expect(given.test.calls).toHaveLength(2)
    const trusted = await streamed("hello", false, given.test.keys.trusted)
    expect(trusted.text).toBe("")
    expect(trusted.errors).toEqual([expect.objectContaining({ reason: "maxRetriesExceeded" })])
    expect(given.test.calls).toHaveLength(2 + 3)
    expect(JSON.stringify([told.parts, trusted.parts])).not.toContain(UNANSWERED)
  })
})

describe("pictures made through the Vercel AI SDK", () => {
  const draw = (prompt: string, n = 1) => generateImage({ model: provider().image("dall-e-2"), prompt, n })
  const pictures = (...of: readonly Buffer[]) =>
    json({ created: 1, data: of.map((bytes) => ({ b64_json: bytes.toString("base64") })) })

  it("all come in base64", async () => {
    given.test.upstream.answer = pictures(given.fine, given.fine)
    const { images } = await draw("a dot", 2)
    expect(images.map(({ base64 }) => base64)).toEqual([given.fine.toString("base64"), given.fine.toString("base64")])
    expect(given.test.upstream.seen[0]?.body).toMatchObject({ n: 2, response_format: "b64_json" })
  })

  it("are one error when one of them is on a list, and are not retried", async () => {
    given.test.upstream.answer = pictures(given.fine, given.known)
    const error = await thrownBy(draw("a dot", 2))
    expectNoRetry(error)
    expect(given.test.calls[0]?.error).not.toContain(given.fine.toString("base64").slice(0, 40))
    expect(given.test.upstream.seen).toHaveLength(1)
  })

  it("are not made from forbidden words", async () => {
    expectNoRetry(await thrownBy(draw("a canary-phrase")))
    expect(given.test.upstream.seen).toEqual([])
  })
})
