import { startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { completion } from "@nightlight/dev-env/guard/upstream"
import { picture } from "@nightlight/dev-env/guard/workspace"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

let test: TestGuard
beforeAll(async () => {
  test = await startTestGuard([await picture(1)], {
    config: `version: 1
endpoints: [chat, completions, responses, embeddings]
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
exceptions:
  - { surface: responses.output.image, reason: a test, approvedBy: [ada, bob], until: "${new Date(Date.now() + 86_400_000).toISOString()}" }
`,
  })
})
afterAll(async () => test[Symbol.asyncDispose]())

async function post(path: string, body: object) {
  const answer = await fetch(`${test.guard.url}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}
const CHAT = { model: "m", messages: [{ role: "user", content: "hello" }] }

describe("a field that is not allowed", () => {
  it.each([
    ["keep_alive", "chat/completions", CHAT],
    ["think", "chat/completions", CHAT],
    ["chat_template_kwargs", "chat/completions", CHAT],
    ["guided_json", "completions", { model: "m", prompt: "hello" }],
    ["structured_outputs", "chat/completions", CHAT],
    ["mock_response", "chat/completions", CHAT],
    ["provider", "chat/completions", CHAT],
    ["cache_prompt", "chat/completions", CHAT],
    ["thinking", "responses", { model: "m", input: "hello" }],
    ["truncate", "embeddings", { model: "m", input: "hello" }],
  ])("is named where its name is public: %s", async (name, path, body) => {
    const { status, text } = await post(path, { ...body, [name]: "canary" })
    expect(status).toBe(400)
    expect(JSON.parse(text)).toMatchObject({
      error: { message: `a field is not allowed: ${name}`, param: name, code: "unsupported_parameter" },
    })
    expect(text).not.toContain("canary")
  })

  it("is named with its path when it is nested", async () => {
    const messages = [
      { role: "user", content: "hello" },
      { role: "assistant", content: "x", reasoning_details: [] },
    ]
    const { text } = await post("chat/completions", { ...CHAT, messages })
    expect(JSON.parse(text)).toMatchObject({ error: { param: "messages[1].reasoning_details" } })
  })

  it("is named when it is a public kind of part or tool", async () => {
    for (const type of ["web_search", "mcp", "canary"]) {
      const { text } = await post("chat/completions", { ...CHAT, tools: [{ type }] })
      const what = type === "canary" ? "a kind is not known" : `a kind is not allowed, ${type}`
      expect(JSON.parse(text)).toMatchObject({ error: { message: `${what}: tools[0].type`, param: "tools[0].type" } })
    }
  })

  it("is not named where the name is the caller's own, or a member of every object", async () => {
    for (const name of ["canary_name", "toString", "hasOwnProperty"]) {
      const { status, text } = await post("chat/completions", { ...CHAT, [name]: 1 })
      expect({ status, name: text.includes(name) }).toEqual({ status: 400, name: false })
    }
  })
})

describe("logprobs", () => {
  it.each([
    ["chat/completions", { ...CHAT, logprobs: true }],
    ["chat/completions", { ...CHAT, logprobs: true, stream: true }],
  ])("that were asked for are reported as left out: %s", async (path, body) => {
    test.upstream.answer = completion("hello there")
    const { status, headers } = await post(path, body)
    expect({ status, said: headers.get("x-nightlight-left-out") }).toEqual({ status: 200, said: "logprobs" })
  })

  it("that were not asked for are not reported", async () => {
    test.upstream.answer = completion("hello there")
    expect((await post("chat/completions", CHAT)).headers.get("x-nightlight-left-out")).toBeNull()
  })
})
