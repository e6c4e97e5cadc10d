import type { TestGuard } from "@nightlight/dev-env/guard/guard"
import { json, stream } from "@nightlight/dev-env/guard/upstream"
import { dataUrl, picture } from "@nightlight/dev-env/guard/workspace"
import type OpenAI from "openai"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { blocked, named, startEndpointsGuard } from "../support/endpoints-guard.ts"
import { messageEvents, RESPONSES_ANSWERS, responseOf, streamOf } from "./traffic/responses.ts"

let known: Buffer
let test: TestGuard
beforeAll(async () => {
  known = await picture(1)
  test = await startEndpointsGuard([known])
})
afterAll(async () => test[Symbol.asyncDispose]())
beforeEach(() => {
  test.upstream.seen.length = 0
})

describe("responses", () => {
  const ask = (rest: object = {}) =>
    test.client.responses.create({
      model: "gpt-x",
      input: "hello",
      ...rest,
    } as OpenAI.Responses.ResponseCreateParamsNonStreaming)

  it("answer the real client, and are stored nowhere", async () => {
    test.upstream.answer = json(RESPONSES_ANSWERS[0]?.[1])
    const answer = await ask()
    expect(answer.output_text).toBe("A dot.")
    expect(test.upstream.seen[0]?.body).toEqual({ model: "gpt-x", input: "hello", store: false })
  })

  it("stream to the real client's helper, to the end", async () => {
    test.upstream.answer = stream(named(streamOf(messageEvents(["A good ", "long answer ", "about a dot."]), [])))
    const answer = await test.client.responses.stream({ model: "gpt-x", input: "hello" }).finalResponse()
    expect(answer.output_text).toBe("A good long answer about a dot.")
    expect(answer.status).toBe("completed")
  })

  it("with forbidden words end as filtered, whole or streamed", async () => {
    const events = messageEvents(["well, a canary", "-phrase"])
    test.upstream.answer = json(responseOf([(events.at(-1) as { item: object }).item]))
    const whole = await ask()
    expect(whole.incomplete_details?.reason).toBe("content_filter")
    expect(JSON.stringify(whole)).not.toContain("canary")
    test.upstream.answer = stream(named(streamOf(events, [])))
    const streamed = await test.client.responses.stream({ model: "gpt-x", input: "hello" }).finalResponse()
    expect(streamed.status).toBe("incomplete")
    expect(streamed.incomplete_details?.reason).toBe("content_filter")
    expect(JSON.stringify(streamed)).not.toContain("canary-phrase")
  })

  it("with a listed picture in the request or the answer are blocked", async () => {
    const image = { type: "input_image", image_url: dataUrl(known), detail: "auto" }
    await expect(ask({ input: [{ role: "user", content: [image] }] })).rejects.toEqual(blocked)
    expect(test.upstream.seen).toEqual([])
    const item = { id: "ig_1", type: "image_generation_call", status: "completed", result: known.toString("base64") }
    test.upstream.answer = json(responseOf([item]))
    expect((await ask()).incomplete_details?.reason).toBe("content_filter")
    test.upstream.answer = stream(named(streamOf([{ type: "response.output_item.done", output_index: 0, item }], [])))
    const streamed = await test.client.responses.stream({ model: "gpt-x", input: "hello" }).finalResponse()
    expect(streamed.incomplete_details?.reason).toBe("content_filter")
    expect(JSON.stringify(streamed)).not.toContain(known.toString("base64").slice(0, 40))
  })

  it.each([
    ["previous_response_id", { previous_response_id: "resp_1" }],
    ["conversation", { conversation: "conv_1" }],
    ["background", { background: true }],
    ["store", { store: true }],
    ["prompt", { prompt: { id: "pmpt_1" } }],
    ["tools[0].type", { tools: [{ type: "web_search" }] }],
    ["input[0]", { input: [{ type: "item_reference", id: "msg_1" }] }],
    ["input[0].content[0]", { input: [{ role: "user", content: [{ type: "input_file", file_id: "f" }] }] }],
  ])("that ask for %s are refused, naming the field", async (param, rest) => {
    await expect(ask(rest)).rejects.toEqual(expect.objectContaining({ status: 400, param }))
    expect(test.upstream.seen).toEqual([])
  })

  it("that an upstream stored cannot be fetched", async () => {
    await expect(test.client.responses.retrieve("resp_1")).rejects.toEqual(expect.objectContaining({ status: 404 }))
    await expect(test.client.responses.cancel("resp_1")).rejects.toEqual(expect.objectContaining({ status: 404 }))
  })
})
