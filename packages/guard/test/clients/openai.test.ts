import { MINUTE_MS } from "@nightlight/core"
import { completion, json } from "@nightlight/dev-env/guard/upstream"
import { dataUrl, picture } from "@nightlight/dev-env/guard/workspace"
import OpenAI from "openai"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { answerOf, type ClientGuard, startClientGuard, UNANSWERED } from "../support/client-guard.ts"

let known: Buffer
let test: ClientGuard
beforeAll(async () => {
  known = await picture(1)
  test = await startClientGuard([known])
})
afterAll(async () => test[Symbol.asyncDispose]())
beforeEach(() => {
  test.reset()
  test.upstream.answer = completion("hello there, friend")
})

const client = (apiKey = test.keys.other) => new OpenAI({ baseURL: test.guard.url, apiKey, fetch: test.fetch })
const ask = (content: OpenAI.ChatCompletionUserMessageParam["content"], apiKey?: string) =>
  client(apiKey).chat.completions.create({ model: "mock-1", messages: [{ role: "user", content }] })
const helper = (content: string, apiKey?: string) =>
  client(apiKey)
    .chat.completions.stream({ model: "mock-1", messages: [{ role: "user", content }] })
    .finalChatCompletion()
const refused = expect.objectContaining({ status: 400, code: "content_filter", type: "invalid_request_error" })

describe("the openai client, which retries on its own,", () => {
  it("does not retry a listed picture, forbidden words, or pictures made of them, streamed or not", async () => {
    const url = dataUrl(known)
    test.upstream.answer = json({ created: 1, data: [{ b64_json: known.toString("base64") }] })
    const asks = [
      () => ask([{ type: "image_url", image_url: { url } }]),
      () => ask("a canary-phrase"),
      () => helper("a canary-phrase"),
      () => client().responses.create({ model: "m", input: "a canary-phrase" }),
      () => client().images.generate({ model: "dall-e-2", prompt: "a dot" }),
    ]
    for (const asked of asks) await expect(asked()).rejects.toEqual(refused)
    expect(test.calls).toHaveLength(asks.length)
    expect(new Set(test.calls.map(({ exchange }) => exchange)).size).toBe(asks.length)
    expect(new Set(test.calls.map((call) => JSON.stringify(answerOf(call)))).size).toBe(1)
  })

  it("retries when a check is unavailable, with a trusted key only", { timeout: 3 * MINUTE_MS }, async () => {
    test.failNext(1)
    expect((await ask(UNANSWERED, test.keys.trusted)).choices[0]?.message.content).toBe("hello there, friend")
    expect(test.calls.map(({ status }) => status)).toEqual([503, 200])
    test.reset()
    test.failNext(1)
    await expect(ask(UNANSWERED)).rejects.toEqual(refused)
    const unavailable = test.calls.map(answerOf)
    test.reset()
    await expect(ask("a canary-phrase")).rejects.toEqual(refused)
    expect(test.calls.map(answerOf)).toEqual(unavailable)
  })

  it("gets the same errors in a stream as for a whole answer, also through its helper", async () => {
    test.upstream.answer = completion("a good beginning, and then a canary-phrase, and more", 3)
    for (const { choices } of [await ask("hello"), await helper("hello")]) {
      expect(choices.map(({ finish_reason }) => finish_reason)).toEqual(["content_filter"])
      expect(JSON.stringify(choices)).not.toContain("canary")
    }
    test.upstream.answer = completion(`${UNANSWERED}, said by the model`)
    test.failNext(100)
    for (const { choices } of [await ask("hello"), await helper("hello")]) {
      expect(choices.map(({ finish_reason }) => finish_reason)).toEqual(["content_filter"])
      expect(JSON.stringify(choices)).not.toContain(UNANSWERED)
    }
    expect(test.calls).toHaveLength(4)
    await expect(helper("hello", test.keys.trusted)).rejects.toMatchObject({ code: "service_unavailable" })
  })
})
