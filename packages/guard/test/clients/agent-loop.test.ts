import { createOpenAI } from "@ai-sdk/openai"
import { chatAnswer, json } from "@nightlight/dev-env/guard/upstream"
import { picture } from "@nightlight/dev-env/guard/workspace"
import { APICallError, generateText, isStepCount, jsonSchema, type ToolSet } from "ai"
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import { type ClientGuard, startClientGuard } from "../support/client-guard.ts"

const STEPS = 4
const PROPERTIES = 40

let test: ClientGuard
beforeAll(async () => {
  test = await startClientGuard([await picture(1)])
})
afterAll(async () => test[Symbol.asyncDispose]())
beforeEach(() => test.reset())

/** Asks for a tool as often as it is told, then answers with how many results came back. */
function agentUpstream(steps: number) {
  test.upstream.answer = (seen, ...rest) => {
    const results = (seen.body["messages"] as { readonly role: string }[]).filter(({ role }) => role === "tool")
    const call = {
      id: `call_${results.length}`,
      type: "function",
      function: { name: "measure", arguments: JSON.stringify({ p0: results.length }) },
    }
    const message =
      results.length < steps
        ? { role: "assistant", content: null, tool_calls: [call] }
        : { role: "assistant", content: `measured ${results.length} times` }
    const finish_reason = results.length < steps ? "tool_calls" : "stop"
    return json(chatAnswer({}, { choices: [{ index: 0, message, finish_reason }] }))(seen, ...rest)
  }
}

/** A tool of many properties that answers what a function says. */
function toolsOf(execute: (offset: number) => string): ToolSet {
  const properties = Object.fromEntries(
    Array.from({ length: PROPERTIES }, (_, n) => [
      `p${n}`,
      { type: "number", description: `The ${n}th length, in mm.` },
    ]),
  )
  return {
    measure: {
      description: "Measures a box.",
      inputSchema: jsonSchema<{ p0: number }>({ type: "object", properties, required: ["p0"] }),
      execute: async (input: { p0: number }) => ({ result: execute(input.p0) }),
    },
  }
}

const run = (execute: (offset: number) => string) =>
  generateText({
    model: createOpenAI({ baseURL: test.guard.url, apiKey: test.keys.other, fetch: test.fetch }).chat("mock-1"),
    prompt: "Measure the box until you are sure.",
    tools: toolsOf(execute),
    stopWhen: isStepCount(10),
  })

it("an agent can call a tool with forty properties again and again, with its results, until it is done", async () => {
  agentUpstream(STEPS)
  const { text, steps } = await run((offset) => `side ${offset} is ${offset * 10} mm`)
  expect(text).toBe(`measured ${STEPS} times`)
  expect(steps).toHaveLength(STEPS + 1)
  expect(test.calls.map(({ status }) => status)).toEqual(Array.from({ length: STEPS + 1 }, () => 200))
  const last = test.upstream.seen.at(-1)?.text ?? ""
  for (let index = 0; index < STEPS; index++) expect(last).toContain(`side ${index} is ${index * 10} mm`)
})

it("an agent whose tool returns a listed phrase is stopped at that step, and the phrase reaches no model", async () => {
  agentUpstream(STEPS)
  const error = await run((offset) => (offset === 2 ? "it says: canary-phrase" : `side ${offset}`)).then(
    () => expect.unreachable("expected an error"),
    (thrown: unknown) => thrown,
  )
  expect(APICallError.isInstance(error)).toBe(true)
  expect(error).toMatchObject({ statusCode: 400, isRetryable: false })
  expect(test.calls.map(({ status }) => status)).toEqual([200, 200, 200, 400])
  expect(test.upstream.seen.map(({ text }) => text).join("\n")).not.toContain("canary-phrase")
})
