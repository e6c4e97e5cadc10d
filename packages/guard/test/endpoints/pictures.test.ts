import { json, stream } from "@nightlight/dev-env/guard/upstream"
import type OpenAI from "openai"
import { toFile } from "openai"
import sharp from "sharp"
import { beforeEach, describe, expect, it } from "vitest"
import { blocked, named, startEndpointsGuard } from "../support/endpoints-guard.ts"
import { useGuard } from "../support/use-guard.ts"
import { imagesStream } from "./traffic/others.ts"

const given = useGuard(startEndpointsGuard)
beforeEach(() => {
  given.test.upstream.seen.length = 0
})

/** A picture that cannot be packed. */
function noise(side: number): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side * 3)
  let state = 1
  for (let index = 0; index < pixels.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    pixels[index] = state >>> 24
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
}

describe("pictures", () => {
  const answerOf = (...pictures: Buffer[]) =>
    json({ created: 1, data: pictures.map((bytes) => ({ b64_json: bytes.toString("base64") })) })
  const draw = (rest: object = {}) =>
    given.test.client.images.generate({
      model: "dall-e-2",
      prompt: "a dot",
      ...rest,
    } as OpenAI.ImageGenerateParamsNonStreaming)

  it("are requested and returned in base64", async () => {
    given.test.upstream.answer = answerOf(given.fine)
    const { data } = await draw()
    expect(data?.[0]?.b64_json).toBe(given.fine.toString("base64"))
    expect(given.test.upstream.seen[0]?.body).toEqual({
      model: "dall-e-2",
      prompt: "a dot",
      response_format: "b64_json",
    })
    await draw({ model: "gpt-image-1", moderation: "low" })
    expect(given.test.upstream.seen[1]?.body).toEqual({ model: "gpt-image-1", prompt: "a dot", moderation: "auto" })
  })

  it("are refused when requested as links, and never passed on as links", async () => {
    await expect(draw({ response_format: "url" })).rejects.toEqual(
      expect.objectContaining({ param: "response_format" }),
    )
    given.test.upstream.answer = json({ created: 1, data: [{ url: "https://pictures.example/a.png" }] })
    await expect(draw()).rejects.toEqual(expect.objectContaining({ status: 502, code: "upstream_failed" }))
  })

  it("on a list end the whole answer, whatever other pictures it has", async () => {
    given.test.upstream.answer = answerOf(given.fine, given.known)
    await expect(draw({ n: 2 })).rejects.toEqual(blocked)
    given.test.upstream.answer = json({
      created: 1,
      data: [{ b64_json: given.fine.toString("base64"), revised_prompt: "a canary-phrase" }],
    })
    await expect(draw()).rejects.toEqual(blocked)
  })

  it("are streamed when they are complete, whatever their size", async () => {
    const large = await noise(800)
    expect(large.length).toBeGreaterThan(1_100_000)
    const events = imagesStream("image_generation").map((event) => ({ ...event, b64_json: large.toString("base64") }))
    given.test.upstream.answer = stream(named(events))
    const got: OpenAI.ImageGenStreamEvent[] = []
    for await (const event of await given.test.client.images.generate({
      model: "gpt-image-1",
      prompt: "a dot",
      stream: true,
      partial_images: 2,
    })) {
      got.push(event)
    }
    expect(got.map(({ type }) => type)).toEqual(["image_generation.completed"])
    expect(given.test.upstream.seen[0]?.body["partial_images"]).toBe(0)
  })

  it("on a list end a stream with an error after which no client retries", async () => {
    const events = imagesStream("image_generation").map((event) => ({
      ...event,
      b64_json: given.known.toString("base64"),
    }))
    given.test.upstream.answer = stream(named(events))
    const asked = async () => {
      const answer = await given.test.client.images.generate({ model: "gpt-image-1", prompt: "a dot", stream: true })
      for await (const _ of answer) throw new Error("expected nothing to come")
    }
    await expect(asked()).rejects.toEqual(
      expect.objectContaining({ code: "content_filter", type: "invalid_request_error" }),
    )
    expect(given.test.upstream.seen).toHaveLength(1)
  })

  const upload = (bytes: Uint8Array, name = "canary-name.png") => toFile(bytes, name, { type: "image/png" })

  it("can be edited: every picture is checked, and the form is written anew", async () => {
    given.test.upstream.answer = answerOf(given.fine)
    const image = [await upload(given.fine), await upload(given.fine)]
    await given.test.client.images.edit({ model: "gpt-image-1", image, prompt: "a dot" })
    const [seen] = given.test.upstream.seen
    expect(seen?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=guard-/)
    expect(seen?.text).not.toContain("canary-name")
    expect(seen?.text.match(/name="image\[\]"; filename="picture-\d.png"/g)).toHaveLength(2)
    given.test.upstream.seen.length = 0
    const cases: readonly (readonly [string, Partial<OpenAI.ImageEditParamsNonStreaming>])[] = [
      ["image", { image: await upload(given.known) }],
      ["second image", { image: [await upload(given.fine), await upload(given.known)] }],
      ["mask", { image: await upload(given.fine), mask: await upload(given.known) }],
      ["prompt", { image: await upload(given.fine), prompt: "canary-phrase" }],
    ]
    for (const [part, rest] of cases) {
      const asked = given.test.client.images.edit({
        model: "gpt-image-1",
        prompt: "a dot",
        ...rest,
      } as OpenAI.ImageEditParamsNonStreaming)
      await expect(asked, part).rejects.toEqual(blocked)
    }
    expect(given.test.upstream.seen).toEqual([])
  })

  it("can be edited in a stream", async () => {
    given.test.upstream.answer = stream(
      named(imagesStream("image_edit").map((event) => ({ ...event, b64_json: given.fine.toString("base64") }))),
    )
    const types: string[] = []
    for await (const { type } of await given.test.client.images.edit({
      model: "gpt-image-1",
      image: await upload(given.fine),
      prompt: "a dot",
      stream: true,
    })) {
      types.push(type)
    }
    expect(types).toEqual(["image_edit.completed"])
  })

  it("can be varied", async () => {
    given.test.upstream.answer = answerOf(given.fine)
    const { data } = await given.test.client.images.createVariation({ image: await upload(given.fine) })
    expect(data).toHaveLength(1)
    await expect(given.test.client.images.createVariation({ image: await upload(given.known) })).rejects.toEqual(
      blocked,
    )
  })
})
