import { compact } from "@nightlight/core"
import { startTestGuard } from "@nightlight/dev-env/guard/guard"
import { chatAnswer, chunk, events, json, stream } from "@nightlight/dev-env/guard/upstream"
import { expect, it } from "vitest"

const CONFIG = `version: 1
endpoints: [chat, responses, completions]
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
exceptions:
  - { surface: chat.input.image, reason: a test, approvedBy: [ada, bob], until: "UNTIL" }
  - { surface: responses.input.image, reason: a test, approvedBy: [ada, bob], until: "UNTIL" }
  - { surface: responses.output.image, reason: a test, approvedBy: [ada, bob], until: "UNTIL" }
`.replaceAll("UNTIL", new Date(Date.now() + 86_400_000).toISOString())

const response = { id: "resp_1", object: "response", created_at: 1, model: "m", status: "completed", output: [] }
const textChunk = { id: "c", object: "text_completion", created: 1, model: "m" }

it.each([
  // A chat answer's logprobs are left out too, as is the role of a delta.
  ["a chat answer", "chat", json(chatAnswer({ content: "hi", made_up: "canary" })), 2],
  [
    "a chat stream",
    "chat",
    stream(events(chunk({ content: "hi", made_up: "canary" }), chunk({}, { finish_reason: "stop" }), "[DONE]")),
    1,
  ],
  [
    "a completions stream",
    "completions",
    stream(
      events({ ...textChunk, choices: [{ index: 0, text: "hi", finish_reason: "stop", made_up: "canary" }] }, "[DONE]"),
    ),
    1,
  ],
  ["a response", "responses", json({ ...response, made_up: "canary" }), 1],
  [
    "a response's stream",
    "responses",
    stream(
      events(
        { type: "response.created", response: { id: "resp_1", created_at: 1, model: "m", made_up: "canary" } },
        { type: "response.completed", response: { ...response, object: "response", made_up: "canary" } },
      ),
    ),
    2,
  ],
] as const)(
  "fields of %s that no table knows are counted, and leave nowhere",
  async (what, endpoint, answer, fields) => {
    await using test = await startTestGuard([], { config: CONFIG })
    test.upstream.answer = answer
    const path = { chat: "chat/completions", responses: "responses", completions: "completions" }[endpoint]
    const asked = {
      chat: { messages: [{ role: "user", content: "hello" }] },
      responses: { input: "hello" },
      completions: { prompt: "hello" },
    }[endpoint]
    const answered = await fetch(`${test.guard.url}/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "m",
        ...asked,
        ...compact({ stream: what.endsWith("stream") ? true : undefined }),
      }),
    })
    const text = await answered.text()
    expect(answered.status).toBe(200)
    expect(text).not.toContain(`"error":{`)
    expect(text).not.toContain("canary")
    const metrics = await (await fetch(`${test.guard.adminUrl}/metrics`)).text()
    expect(metrics).toContain(`nightlight_guard_dropped_fields_total{endpoint="${endpoint}"} ${fields}\n`)
  },
)
