import { startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { chatAnswer, chunk, events, json, stream } from "@nightlight/dev-env/guard/upstream"
import {
  type Attributes,
  type AttributeValue,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

interface Kept {
  name: string
  readonly attributes: Attributes
  status?: SpanStatusCode
  ended: boolean
}

/** A tracer provider that keeps what it is told. */
function keepSpans(): Kept[] {
  const kept: Kept[] = []
  const startSpan = (name: string, { attributes = {} }: SpanOptions = {}): Span => {
    const one: Kept = { name, attributes: { ...attributes }, ended: false }
    kept.push(one)
    const span: Span = {
      spanContext: () => INVALID_SPAN_CONTEXT,
      setAttribute: (key: string, value: AttributeValue) => {
        one.attributes[key] = value
        return span
      },
      setAttributes: (given) => {
        Object.assign(one.attributes, given)
        return span
      },
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      setStatus: ({ code }) => {
        one.status = code
        return span
      },
      updateName: (next) => {
        one.name = next
        return span
      },
      end: () => {
        one.ended = true
      },
      isRecording: () => !one.ended,
      recordException: () => {},
    }
    return span
  }
  const tracer: Tracer = {
    startSpan,
    startActiveSpan: () => {
      throw new Error("not of these tests")
    },
  }
  trace.setGlobalTracerProvider({ getTracer: () => tracer })
  return kept
}

let test: TestGuard
let spans: Kept[]
beforeEach(async () => {
  spans = keepSpans()
  test = await startTestGuard([], { exceptImages: true })
})
afterEach(async () => {
  trace.disable()
  await test[Symbol.asyncDispose]()
})

async function ask(content: string, more: object = {}): Promise<string> {
  const answer = await fetch(`${test.guard.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-x", messages: [{ role: "user", content }], ...more }),
  })
  return answer.text()
}

async function ended(): Promise<Kept> {
  await expect.poll(() => spans.map((span) => span.ended)).toEqual([true])
  return spans[0] as Kept
}

describe("the span of an exchange", () => {
  it("has operation, models, tokens, finish reason and the way it ended", async () => {
    await ask("a canary question")
    const { name, attributes, status } = await ended()
    expect(name).toBe("chat gpt-x")
    expect(status).toBeUndefined()
    expect(attributes).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-x",
      "gen_ai.response.model": "mock-1",
      "gen_ai.usage.input_tokens": 1,
      "gen_ai.usage.output_tokens": 2,
      "gen_ai.response.finish_reasons": ["stop"],
      "nightlight.guard.endpoint": "chat",
      "nightlight.guard.exchange": expect.stringMatching(/^exchange-/),
      "nightlight.guard.end": "passed",
    })
  })

  it("has the same of a stream, from the released events", async () => {
    const usage = { prompt_tokens: 7, completion_tokens: 9, total_tokens: 16 }
    test.upstream.answer = stream(
      events(
        chunk({ role: "assistant", content: 'it says "usage":{ and "finish_reason":"stop"' }),
        chunk({}, { finish_reason: "length" }),
        chunk({}, { usage }),
        "[DONE]",
      ),
    )
    await ask("a canary question", { stream: true })
    expect((await ended()).attributes).toMatchObject({
      "gen_ai.response.model": "mock-1",
      "gen_ai.usage.input_tokens": 7,
      "gen_ai.usage.output_tokens": 9,
      "gen_ai.response.finish_reasons": ["length"],
      "nightlight.guard.end": "passed",
    })
  })

  it.each([
    ["a whole answer", false],
    ["a stream", true],
  ])("shows for %s that was blocked that a filter ended it, and nothing of its content", async (_, streamed) => {
    const said = "here is the canary-phrase"
    test.upstream.answer = streamed
      ? stream(events(chunk({ content: said }), chunk({}, { finish_reason: "stop" }), "[DONE]"))
      : json(chatAnswer({ content: said }))
    await ask("a question", { stream: streamed })
    const span = await ended()
    expect(span.attributes).toMatchObject({
      "gen_ai.response.finish_reasons": ["content_filter"],
      "nightlight.guard.end": "blocked_output",
    })
    expect(JSON.stringify(span)).not.toContain("canary")
  })

  it("has neither model nor text of a blocked request", async () => {
    await ask("a question", { model: "canary-phrase" })
    const span = await ended()
    expect(span.attributes["nightlight.guard.end"]).toBe("blocked_input")
    expect(JSON.stringify(span)).not.toContain("canary")
  })

  it("is an error where the upstream failed", async () => {
    test.upstream.answer = json({ error: "canary words" })
    await ask("a question")
    const span = await ended()
    expect(span.status).toBe(SpanStatusCode.ERROR)
    expect(span.attributes).toMatchObject({
      "error.type": "upstream_failed",
      "nightlight.guard.end": "upstream_failed",
    })
    expect(JSON.stringify(span)).not.toContain("canary")
  })
})

it("without a tracer an exchange is answered as usual, and nothing is kept", async () => {
  trace.disable()
  expect(await ask("a question")).toContain("hello there")
  expect(spans).toEqual([])
})
