import type OpenAI from "openai"
import { toFile } from "openai"
import sharp from "sharp"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { startTestGuard, type TestGuard } from "../support/guard.ts"
import { json, stream } from "../support/upstream.ts"
import { dataUrl, picture } from "../support/workspace.ts"
import {
  COMPLETIONS_ANSWER,
  COMPLETIONS_STREAM,
  EMBEDDINGS_ANSWERS,
  imagesStream,
  LITELLM_REQUEST,
  MODEL,
} from "./traffic/others.ts"
import { PIXEL_URL } from "./traffic/pixel.ts"
import { messageEvents, RESPONSES_ANSWERS, responseOf, streamOf } from "./traffic/responses.ts"

const CONFIG = `version: 1
endpoints: [responses, completions, embeddings, images.generations, images.edits, images.variations, models, moderations, litellm]
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
exceptions:
${["responses", "images.generations", "images.edits", "images.variations", "moderations", "litellm"]
  .flatMap((name) => [`${name}.input.image`, `${name}.output.image`])
  .map(
    (surface) =>
      `  - { surface: ${surface}, reason: tests, approvedBy: [ada, bob], until: "${new Date(Date.now() + 86_400_000).toISOString()}" }`,
  )
  .join("\n")}
`

let known: Buffer
let fine: Buffer
let test: TestGuard
beforeAll(async () => {
  known = await picture(1)
  fine = await picture(2)
  test = await startTestGuard([known], { config: CONFIG })
})
afterAll(async () => test[Symbol.asyncDispose]())
beforeEach(() => {
  test.upstream.seen.length = 0
})

/** A picture that cannot be packed. */
function noise(side: number): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side * 3)
  let state = 1
  for (let at = 0; at < pixels.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    pixels[at] = state >>> 24
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
}

const named = (events: readonly object[]) =>
  events
    .map((event) => `event: ${(event as { readonly type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join("")
const unnamed = (events: readonly object[]) =>
  `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`
const blocked = expect.objectContaining({ status: 400, type: "invalid_request_error", code: "content_filter" })
const post = (path: string, body: object, root = test.guard.url) =>
  fetch(`${root}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })

describe("responses", () => {
  const ask = (rest: object = {}) =>
    test.client.responses.create({
      model: "gpt-x",
      input: "hello",
      ...rest,
    } as OpenAI.Responses.ResponseCreateParamsNonStreaming)

  it("are answered to the real client, and stored nowhere", async () => {
    test.upstream.answer = json(RESPONSES_ANSWERS[0]?.[1])
    const answer = await ask()
    expect(answer.output_text).toBe("A dot.")
    expect(test.upstream.seen[0]?.body).toEqual({ model: "gpt-x", input: "hello", store: false })
  })

  it("are streamed to the real client's helper, to the end", async () => {
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

  it("with a picture of a list, in or out, are stopped", async () => {
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
  ])("that ask for %s are refused with the field's name", async (param, rest) => {
    await expect(ask(rest)).rejects.toEqual(expect.objectContaining({ status: 400, param }))
    expect(test.upstream.seen).toEqual([])
  })

  it("that were stored cannot be fetched", async () => {
    await expect(test.client.responses.retrieve("resp_1")).rejects.toEqual(expect.objectContaining({ status: 404 }))
    await expect(test.client.responses.cancel("resp_1")).rejects.toEqual(expect.objectContaining({ status: 404 }))
  })
})

describe("text completions", () => {
  it("are answered and streamed to the real client", async () => {
    test.upstream.answer = json(COMPLETIONS_ANSWER)
    const whole = await test.client.completions.create({ model: "m-1", prompt: "Once", n: 2, logprobs: 1 })
    expect(whole.choices.map(({ text, logprobs }) => [text, logprobs])).toEqual([
      ["Once upon", null],
      ["Once more", null],
    ])
    test.upstream.answer = stream(unnamed(COMPLETIONS_STREAM))
    const texts = ["", ""]
    const reasons: string[] = []
    for await (const { choices } of await test.client.completions.create({
      model: "m-1",
      prompt: ["Once", "Twice"],
      stream: true,
    })) {
      for (const { index, text, finish_reason } of choices) {
        texts[index] += text
        if (finish_reason !== null) reasons.push(finish_reason)
      }
    }
    expect(texts).toEqual(["Once upon", "Twice more"])
    expect(reasons).toEqual(["stop", "length"])
  })

  it("are stopped for words in the prompt, its end, a later prompt, and what comes back", async () => {
    for (const rest of [{ prompt: "canary-phrase" }, { prompt: ["x", "canary-phrase"] }, { suffix: "canary-phrase" }]) {
      await expect(test.client.completions.create({ model: "m-1", prompt: "x", ...rest })).rejects.toEqual(blocked)
    }
    expect(test.upstream.seen).toEqual([])
    const choices = [{ index: 0, text: "a canary-phrase", finish_reason: "stop", logprobs: null }]
    test.upstream.answer = json({ ...COMPLETIONS_ANSWER, choices })
    const { choices: got } = await test.client.completions.create({ model: "m-1", prompt: "x" })
    expect(got[0]).toMatchObject({ text: "", finish_reason: "content_filter" })
  })

  it("of token numbers, which cannot be read, are refused", async () => {
    await expect(test.client.completions.create({ model: "m-1", prompt: [1, 2] })).rejects.toEqual(
      expect.objectContaining({ status: 400, code: "invalid_body" }),
    )
  })
})

describe("embeddings", () => {
  it.each([0, 1])("pass as numbers, in either form", async (at) => {
    test.upstream.answer = json(EMBEDDINGS_ANSWERS[at])
    const encoding_format = at === 0 ? "float" : "base64"
    const { data, model } = await test.client.embeddings.create({ model: "e-1", input: "x", encoding_format })
    const [one] = data
    const numbers =
      typeof one?.embedding === "string"
        ? [...new Float32Array(Uint8Array.from(Buffer.from(one.embedding as string, "base64")).buffer)]
        : one?.embedding
    expect(numbers).toEqual([0.5, -0.25])
    expect(model).toBe("e-1")
  })

  it("are not made of forbidden words or token numbers", async () => {
    await expect(test.client.embeddings.create({ model: "e-1", input: ["x", "canary-phrase"] })).rejects.toEqual(
      blocked,
    )
    await expect(test.client.embeddings.create({ model: "e-1", input: [1, 2] })).rejects.toEqual(
      expect.objectContaining({ code: "invalid_body" }),
    )
  })
})

describe("pictures", () => {
  const answerOf = (...pictures: Buffer[]) =>
    json({ created: 1, data: pictures.map((bytes) => ({ b64_json: bytes.toString("base64") })) })
  const draw = (rest: object = {}) =>
    test.client.images.generate({
      model: "dall-e-2",
      prompt: "a dot",
      ...rest,
    } as OpenAI.ImageGenerateParamsNonStreaming)

  it("are asked for and given in base64", async () => {
    test.upstream.answer = answerOf(fine)
    const { data } = await draw()
    expect(data?.[0]?.b64_json).toBe(fine.toString("base64"))
    expect(test.upstream.seen[0]?.body).toEqual({ model: "dall-e-2", prompt: "a dot", response_format: "b64_json" })
    await draw({ model: "gpt-image-1", moderation: "low" })
    expect(test.upstream.seen[1]?.body).toEqual({ model: "gpt-image-1", prompt: "a dot", moderation: "auto" })
  })

  it("are refused as links, and never passed on as links", async () => {
    await expect(draw({ response_format: "url" })).rejects.toEqual(
      expect.objectContaining({ param: "response_format" }),
    )
    test.upstream.answer = json({ created: 1, data: [{ url: "https://pictures.example/a.png" }] })
    await expect(draw()).rejects.toEqual(expect.objectContaining({ status: 502, code: "upstream_failed" }))
  })

  it("of a list end the whole answer, however many are beside them", async () => {
    test.upstream.answer = answerOf(fine, known)
    await expect(draw({ n: 2 })).rejects.toEqual(blocked)
    test.upstream.answer = json({
      created: 1,
      data: [{ b64_json: fine.toString("base64"), revised_prompt: "a canary-phrase" }],
    })
    await expect(draw()).rejects.toEqual(blocked)
  })

  it("are streamed when they are finished, however large", async () => {
    const large = await noise(800)
    expect(large.length).toBeGreaterThan(1_100_000)
    const events = imagesStream("image_generation").map((event) => ({ ...event, b64_json: large.toString("base64") }))
    test.upstream.answer = stream(named(events))
    const got: OpenAI.ImageGenStreamEvent[] = []
    for await (const event of await test.client.images.generate({
      model: "gpt-image-1",
      prompt: "a dot",
      stream: true,
      partial_images: 2,
    })) {
      got.push(event)
    }
    expect(got.map(({ type }) => type)).toEqual(["image_generation.completed"])
    expect(test.upstream.seen[0]?.body["partial_images"]).toBe(0)
  })

  it("of a list end a stream with an error that nobody answers by asking again", async () => {
    const events = imagesStream("image_generation").map((event) => ({ ...event, b64_json: known.toString("base64") }))
    test.upstream.answer = stream(named(events))
    const asked = async () => {
      const answer = await test.client.images.generate({ model: "gpt-image-1", prompt: "a dot", stream: true })
      for await (const _ of answer) throw new Error("expected nothing to come")
    }
    await expect(asked()).rejects.toEqual(
      expect.objectContaining({ code: "content_filter", type: "invalid_request_error" }),
    )
    expect(test.upstream.seen).toHaveLength(1)
  })

  const upload = (bytes: Uint8Array, name = "canary-name.png") => toFile(bytes, name, { type: "image/png" })

  it("are edited: every picture is looked at, and the form is written anew", async () => {
    test.upstream.answer = answerOf(fine)
    const image = [await upload(fine), await upload(fine)]
    await test.client.images.edit({ model: "gpt-image-1", image, prompt: "a dot" })
    const [seen] = test.upstream.seen
    expect(seen?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=guard-/)
    expect(seen?.text).not.toContain("canary-name")
    expect(seen?.text.match(/name="image\[\]"; filename="picture-\d.png"/g)).toHaveLength(2)
    test.upstream.seen.length = 0
    const cases: readonly (readonly [string, Partial<OpenAI.ImageEditParamsNonStreaming>])[] = [
      ["image", { image: await upload(known) }],
      ["second image", { image: [await upload(fine), await upload(known)] }],
      ["mask", { image: await upload(fine), mask: await upload(known) }],
      ["prompt", { image: await upload(fine), prompt: "canary-phrase" }],
    ]
    for (const [part, rest] of cases) {
      const asked = test.client.images.edit({
        model: "gpt-image-1",
        prompt: "a dot",
        ...rest,
      } as OpenAI.ImageEditParamsNonStreaming)
      await expect(asked, part).rejects.toEqual(blocked)
    }
    expect(test.upstream.seen).toEqual([])
  })

  it("are edited in a stream", async () => {
    test.upstream.answer = stream(
      named(imagesStream("image_edit").map((event) => ({ ...event, b64_json: fine.toString("base64") }))),
    )
    const types: string[] = []
    for await (const { type } of await test.client.images.edit({
      model: "gpt-image-1",
      image: await upload(fine),
      prompt: "a dot",
      stream: true,
    })) {
      types.push(type)
    }
    expect(types).toEqual(["image_edit.completed"])
  })

  it("are varied", async () => {
    test.upstream.answer = answerOf(fine)
    const { data } = await test.client.images.createVariation({ image: await upload(fine) })
    expect(data).toHaveLength(1)
    await expect(test.client.images.createVariation({ image: await upload(known) })).rejects.toEqual(blocked)
  })
})

describe("models", () => {
  it("are listed by name and owner, and nothing else", async () => {
    test.upstream.answer = json({ object: "list", data: [MODEL] })
    const { permission: _permission, ...plain } = MODEL
    expect((await test.client.models.list()).data).toEqual([plain])
    expect(test.upstream.seen[0]).toMatchObject({ method: "GET", url: "/v1/models" })
  })

  it("are told one by one, whatever stands in a name", async () => {
    test.upstream.answer = json({ ...MODEL, id: "org/m-1" })
    expect((await test.client.models.retrieve("org/m-1")).id).toBe("org/m-1")
    expect(test.upstream.seen[0]?.url).toBe("/v1/models/org%2Fm-1")
    await expect(test.client.models.retrieve("canary-phrase")).rejects.toEqual(blocked)
    for (const path of ["/models/..%2f..%2fadmin", "/models/%2e%2e"]) {
      expect((await fetch(`${test.guard.url}${path}`)).status).toBeGreaterThanOrEqual(400)
      expect(test.upstream.seen).toHaveLength(1)
    }
    await expect(test.client.models.delete("m-1")).rejects.toEqual(expect.objectContaining({ status: 404 }))
  })
})

describe("moderation", () => {
  const judge = async (input: OpenAI.ModerationCreateParams["input"]) =>
    (await test.client.moderations.create({ input })).results

  it("judges every text apart, in the API's own form", async () => {
    const results = await judge(["hello", "a canary-phrase", "there"])
    expect(results.map(({ flagged }) => flagged)).toEqual([false, true, false])
    expect(results[1]?.categories["sexual/minors"]).toBe(true)
    expect(results[1]?.category_scores["sexual/minors"]).toBe(1)
    expect(results[1]?.categories.hate).toBe(false)
    expect(test.upstream.seen).toEqual([])
  })

  it("says the same of a picture of a list as of words beside a picture", async () => {
    const image = (bytes: Uint8Array) => ({ type: "image_url" as const, image_url: { url: dataUrl(bytes) } })
    const ofPicture = await judge([{ type: "text", text: "hello" }, image(known)])
    const ofWords = await judge([{ type: "text", text: "canary-phrase" }, image(fine)])
    expect(ofPicture).toEqual(ofWords)
    expect(ofPicture[0]?.flagged).toBe(true)
    expect((await judge([{ type: "text", text: "hello" }, image(fine)]))[0]?.flagged).toBe(false)
  })
})

describe("LiteLLM's guardrail", () => {
  const root = () => test.guard.url.replace("/v1", "")
  const judge = async (body: object) =>
    (await post("/beta/litellm_basic_guardrail_api", { input_type: "request", ...body }, root())).json()

  it.each<[string, object]>([
    ["a text", { texts: ["hello", "canary-phrase"] }],
    ["a tool", { tools: [{ function: { description: "canary-phrase" } }] }],
    ["a call of a tool", { tool_calls: [{ function: { arguments: "canary-phrase" } }] }],
    ["a message", { structured_messages: [{ role: "user", content: [{ type: "text", text: "canary-phrase" }] }] }],
    ["a field of a later version", { later: { deep: ["canary-phrase"] } }],
    ["an answer", { input_type: "response", texts: ["canary-phrase"] }],
  ])("blocks %s, with the operator's words", async (_, body) => {
    expect(await judge(body)).toEqual({ action: "BLOCKED", blocked_reason: expect.stringContaining("safety filter") })
  })

  it("blocks pictures of a list, wherever they stand", async () => {
    for (const body of [
      { images: [dataUrl(known)] },
      { images: [known.toString("base64")] },
      { structured_messages: [{ content: [{ type: "image_url", image_url: { url: dataUrl(known) } }] }] },
      { structured_messages: [{ content: [{ type: "image_url", image_url: dataUrl(known) }] }] },
    ]) {
      expect(await judge(body)).toMatchObject({ action: "BLOCKED" })
    }
  })

  it("lets everything else pass", async () => {
    expect(await judge({ texts: ["hello"], images: [dataUrl(fine)] })).toEqual({ action: "NONE" })
    const { images: _images, structured_messages: _messages, ...rest } = LITELLM_REQUEST
    expect(await judge(rest)).toEqual({ action: "NONE" })
    expect(PIXEL_URL).toMatch(/^data:/)
  })
})
