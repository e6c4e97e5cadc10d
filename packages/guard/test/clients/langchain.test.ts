import { type AIMessageChunk, HumanMessage } from "@langchain/core/messages"
import { ChatOpenAI } from "@langchain/openai"
import { chatAnswer, chunk, completion, events, json, stream } from "@nightlight/dev-env/guard/upstream"
import { dataUrl } from "@nightlight/dev-env/guard/workspace"
import { beforeEach, describe, expect, it } from "vitest"
import { answerOf, startClientGuard, UNANSWERED } from "../support/client-guard.ts"
import { useGuard } from "../support/use-guard.ts"

const given = useGuard(startClientGuard)
beforeEach(() => {
  given.test.reset()
  given.test.upstream.answer = completion("hello there, friend")
})

const model = (apiKey = given.test.keys.other) =>
  new ChatOpenAI({ model: "mock-1", apiKey, configuration: { baseURL: given.test.guard.url, fetch: given.test.fetch } })
const see = (bytes: Uint8Array) => {
  const image_url = { url: dataUrl(bytes) }
  return model().invoke([new HumanMessage({ content: [{ type: "image_url", image_url }] })])
}
const withTools = () =>
  model().bindTools([
    {
      type: "function",
      function: { name: "look", description: "Looks.", parameters: { type: "object", properties: { at: {} } } },
    },
  ])

/** The output of a stream, joined. */
async function joined(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let all: AIMessageChunk | undefined
  for await (const one of stream) all = all === undefined ? one : all.concat(one)
  if (all === undefined) throw new Error("expected something to come")
  return all
}

/** Expects one call, answered with 400, that nobody makes again. */
async function expectRefused(asked: PromiseLike<unknown>): Promise<void> {
  await expect(asked).rejects.toMatchObject({ status: 400, code: "content_filter", type: "invalid_request_error" })
  expect(given.test.calls).toHaveLength(1)
  expect(given.test.calls[0]?.exchange).toMatch(/^exchange-/)
  expect(given.test.upstream.seen).toEqual([])
}

describe("LangChain", () => {
  it("chats, whole and streamed", async () => {
    const whole = await model().invoke("hello")
    expect(whole.text).toBe("hello there, friend")
    expect(whole.response_metadata["finish_reason"]).toBe("stop")
    expect(whole).toMatchObject({ usage_metadata: { total_tokens: 3 } })
    const streamed = await joined(await model().stream("hello"))
    expect(streamed.text).toBe("hello there, friend")
    expect(streamed.response_metadata["finish_reason"]).toBe("stop")
    expect(given.test.calls).toHaveLength(2)
  })

  it("gets tool calls, whole and streamed", async () => {
    const call = { id: "call_1", type: "function", function: { name: "look", arguments: '{"at":1}' } }
    const message = { role: "assistant", content: null, tool_calls: [call] }
    given.test.upstream.answer = json(chatAnswer({}, { choices: [{ index: 0, message, finish_reason: "tool_calls" }] }))
    const expected = { id: "call_1", name: "look", args: { at: 1 } }
    expect((await withTools().invoke("hello")).tool_calls).toEqual([expect.objectContaining(expected)])
    const begun = { index: 0, ...call, function: { name: "look", arguments: '{"at"' } }
    given.test.upstream.answer = stream(
      events(
        chunk({ role: "assistant", tool_calls: [begun] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }),
        chunk({}, { finish_reason: "tool_calls" }),
        "[DONE]",
      ),
    )
    const streamed = await joined(await withTools().stream("hello"))
    expect(streamed.tool_calls).toEqual([expect.objectContaining(expected)])
    expect(streamed.response_metadata["finish_reason"]).toBe("tool_calls")
  })

  it("sends pictures, which reach the upstream when they are on no list", async () => {
    expect((await see(given.fine)).text).toBe("hello there, friend")
    expect(given.test.upstream.seen[0]?.text).toContain(given.fine.toString("base64"))
  })

  it("does not retry a listed picture or forbidden words", async () => {
    await expectRefused(see(given.known))
    const ofPicture = given.test.calls.map(answerOf)
    given.test.reset()
    await expectRefused(model().invoke("a canary-phrase"))
    expect(given.test.calls.map(answerOf)).toEqual(ofPicture)
    given.test.reset()
    await expectRefused(model().stream("a canary-phrase").then(joined))
    expect(given.test.calls.map(answerOf)).toEqual(ofPicture)
  })

  it("ends a blocked answer as filtered, whole and streamed, and shows nothing of it", async () => {
    given.test.upstream.answer = completion("a good beginning, and then a canary-phrase, and more", 3)
    const whole = await model().invoke("hello")
    expect(whole.response_metadata["finish_reason"]).toBe("content_filter")
    expect(whole.text).toBe("")
    expect(JSON.stringify(whole)).not.toContain("canary")
    const streamed = await joined(await model().stream("hello"))
    expect(streamed.response_metadata["finish_reason"]).toBe("content_filter")
    expect("a good beginning, and then a ").toContain(streamed.text)
    expect(JSON.stringify(streamed)).not.toContain("canary")
    expect(given.test.calls).toHaveLength(2)
    expect(given.test.upstream.seen).toHaveLength(2)
  })

  it("never passes on a blocked tool call", async () => {
    const call = { id: "call_1", type: "function", function: { name: "look", arguments: '{"at":"canary-phrase"}' } }
    given.test.upstream.answer = stream(
      events(
        chunk({ role: "assistant", tool_calls: [{ index: 0, ...call }] }),
        chunk({}, { finish_reason: "tool_calls" }),
        "[DONE]",
      ),
    )
    const streamed = await joined(await withTools().stream("hello"))
    expect(streamed.tool_calls).toEqual([])
    expect(streamed.response_metadata["finish_reason"]).toBe("content_filter")
    expect(JSON.stringify(streamed)).not.toContain("canary")
  })

  it("with a trusted key retries when a check is unavailable, and is answered once it is back", async () => {
    given.test.failNext(1)
    expect((await model(given.test.keys.trusted).invoke(UNANSWERED)).text).toBe("hello there, friend")
    expect(given.test.calls.map(({ status }) => status)).toEqual([503, 200])
    expect(new Set(given.test.calls.map(({ exchange }) => exchange)).size).toBe(2)
    expect(given.test.upstream.seen).toHaveLength(1)
  })

  it("with another key sees a block when a check is unavailable, and does not retry", async () => {
    given.test.failNext(1)
    await expectRefused(model().invoke(UNANSWERED))
    const unavailable = given.test.calls.map(answerOf)
    given.test.reset()
    await expectRefused(model().invoke("a canary-phrase"))
    expect(given.test.calls.map(answerOf)).toEqual(unavailable)
  })

  it("shows nothing of an unchecked answer: an error to a trusted key, a filtered end to others", async () => {
    given.test.upstream.answer = completion(`${UNANSWERED}, said by the model`)
    given.test.failNext(100)
    for (const told of [await model().invoke("hello"), await joined(await model().stream("hello"))]) {
      expect(told.response_metadata["finish_reason"]).toBe("content_filter")
      expect(JSON.stringify(told)).not.toContain(UNANSWERED)
    }
    expect(given.test.calls).toHaveLength(2)
    await expect(model(given.test.keys.trusted).stream("hello").then(joined)).rejects.toThrow("try again")
  })
})
