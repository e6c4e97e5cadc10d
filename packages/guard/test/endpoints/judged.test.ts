import { dataUrl } from "@nightlight/dev-env/guard/workspace"
import type OpenAI from "openai"
import { beforeEach, describe, expect, it } from "vitest"
import { startEndpointsGuard } from "../support/endpoints-guard.ts"
import { useGuard } from "../support/use-guard.ts"
import { LITELLM_REQUEST } from "./traffic/others.ts"
import { PIXEL_URL } from "./traffic/pixel.ts"

const given = useGuard(startEndpointsGuard)
beforeEach(() => {
  given.test.upstream.seen.length = 0
})

const post = (path: string, body: object, root = given.test.guard.url) =>
  fetch(`${root}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })

describe("moderation", () => {
  const judge = async (input: OpenAI.ModerationCreateParams["input"]) =>
    (await given.test.client.moderations.create({ input })).results

  it("judges each text by itself, in the API's own form", async () => {
    const results = await judge(["hello", "a canary-phrase", "there"])
    expect(results.map(({ flagged }) => flagged)).toEqual([false, true, false])
    expect(results[1]?.categories["sexual/minors"]).toBe(true)
    expect(results[1]?.category_scores["sexual/minors"]).toBe(1)
    expect(results[1]?.categories.hate).toBe(false)
    expect(given.test.upstream.seen).toEqual([])
  })

  it("answers the same for a listed picture as for forbidden words beside a picture", async () => {
    const image = (bytes: Uint8Array) => ({ type: "image_url" as const, image_url: { url: dataUrl(bytes) } })
    const ofPicture = await judge([{ type: "text", text: "hello" }, image(given.known)])
    const ofWords = await judge([{ type: "text", text: "canary-phrase" }, image(given.fine)])
    expect(ofPicture).toEqual(ofWords)
    expect(ofPicture[0]?.flagged).toBe(true)
    expect((await judge([{ type: "text", text: "hello" }, image(given.fine)]))[0]?.flagged).toBe(false)
  })
})

describe("LiteLLM's guardrail", () => {
  const root = () => given.test.guard.url.replace("/v1", "")
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

  it("blocks listed pictures in every field", async () => {
    for (const body of [
      { images: [dataUrl(given.known)] },
      { images: [given.known.toString("base64")] },
      { structured_messages: [{ content: [{ type: "image_url", image_url: { url: dataUrl(given.known) } }] }] },
      { structured_messages: [{ content: [{ type: "image_url", image_url: dataUrl(given.known) }] }] },
    ]) {
      expect(await judge(body)).toMatchObject({ action: "BLOCKED" })
    }
  })

  it("lets everything else pass", async () => {
    expect(await judge({ texts: ["hello"], images: [dataUrl(given.fine)] })).toEqual({ action: "NONE" })
    const { images: _images, structured_messages: _messages, ...rest } = LITELLM_REQUEST
    expect(await judge(rest)).toEqual({ action: "NONE" })
    expect(PIXEL_URL).toMatch(/^data:/)
  })
})
