import type { TestGuard } from "@nightlight/dev-env/guard/guard"
import { json, stream } from "@nightlight/dev-env/guard/upstream"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { blocked, startEndpointsGuard } from "../support/endpoints-guard.ts"
import { COMPLETIONS_ANSWER, COMPLETIONS_STREAM, EMBEDDINGS_ANSWERS, MODEL } from "./traffic/others.ts"

let test: TestGuard
beforeAll(async () => {
  test = await startEndpointsGuard([])
})
afterAll(async () => test[Symbol.asyncDispose]())
beforeEach(() => {
  test.upstream.seen.length = 0
})

const unnamed = (events: readonly object[]) =>
  `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`

describe("text completions", () => {
  it("answer the real client, whole and streamed", async () => {
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

  it("are blocked for forbidden words in a prompt, its suffix, a later prompt, or the answer", async () => {
    for (const rest of [{ prompt: "canary-phrase" }, { prompt: ["x", "canary-phrase"] }, { suffix: "canary-phrase" }]) {
      await expect(test.client.completions.create({ model: "m-1", prompt: "x", ...rest })).rejects.toEqual(blocked)
    }
    expect(test.upstream.seen).toEqual([])
    const choices = [{ index: 0, text: "a canary-phrase", finish_reason: "stop", logprobs: null }]
    test.upstream.answer = json({ ...COMPLETIONS_ANSWER, choices })
    const { choices: got } = await test.client.completions.create({ model: "m-1", prompt: "x" })
    expect(got[0]).toMatchObject({ text: "", finish_reason: "content_filter" })
  })

  it("of token numbers are refused, because they cannot be inspected", async () => {
    await expect(test.client.completions.create({ model: "m-1", prompt: [1, 2] })).rejects.toEqual(
      expect.objectContaining({ status: 400, code: "invalid_body" }),
    )
  })
})

describe("embeddings", () => {
  it.each([0, 1])("pass as numbers, in either form", async (formOf) => {
    test.upstream.answer = json(EMBEDDINGS_ANSWERS[formOf])
    const encoding_format = formOf === 0 ? "float" : "base64"
    const { data, model } = await test.client.embeddings.create({ model: "e-1", input: "x", encoding_format })
    const [one] = data
    const numbers =
      typeof one?.embedding === "string"
        ? [...new Float32Array(Uint8Array.from(Buffer.from(one.embedding as string, "base64")).buffer)]
        : one?.embedding
    expect(numbers).toEqual([0.5, -0.25])
    expect(model).toBe("e-1")
  })

  it("are not made from forbidden words or token numbers", async () => {
    await expect(test.client.embeddings.create({ model: "e-1", input: ["x", "canary-phrase"] })).rejects.toEqual(
      blocked,
    )
    await expect(test.client.embeddings.create({ model: "e-1", input: [1, 2] })).rejects.toEqual(
      expect.objectContaining({ code: "invalid_body" }),
    )
  })
})

describe("models", () => {
  it("are listed by name and owner, and nothing else", async () => {
    test.upstream.answer = json({ object: "list", data: [MODEL] })
    const { permission: _permission, ...plain } = MODEL
    expect((await test.client.models.list()).data).toEqual([plain])
    expect(test.upstream.seen[0]).toMatchObject({ method: "GET", url: "/v1/models" })
  })

  it("can be fetched one by one, whatever characters a name has", async () => {
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
