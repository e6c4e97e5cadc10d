/**
 * One span for each exchange, by OpenTelemetry's conventions for generative AI: names, counts and codes, never a text.
 * Without an SDK in the process nothing is measured and no answer is parsed again.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/
 * @module
 */
import { type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api"
import type { EndpointName } from "../inspect/surface.ts"
import { type AnswerFacts, factsOfAnswer, factsOfFrame } from "./answer-facts.ts"
import type { ExchangeEnd } from "./metrics.ts"

/** The span of one exchange. */
export interface ExchangeSpan {
  /** The request was checked and passes; records the name of its model. */
  requested(request: { readonly model: string; readonly choices: number }): void
  /** A whole answer leaves, as the caller gets it. */
  answered(bytes: Uint8Array): void
  /** A part of a stream leaves, as the caller gets it. */
  released(frames: readonly string[]): void
  ended(end: ExchangeEnd): void
}

/** The guard's own attribute for how an exchange ended: `passed`, `blocked_input` and so on. */
const END = "nightlight.guard.end"
const MAX_NAME = 128

const UNSEEN: ExchangeSpan = { requested: () => {}, answered: () => {}, released: () => {}, ended: () => {} }

/** The endpoint's attributes in a span. */
export interface CalledEndpoint {
  readonly name: EndpointName
  /** `gen_ai.operation.name`; the endpoint's name unless given. */
  readonly operation?: string
  readonly dialect: { readonly provider: string }
}

/**
 * Begins the span of an exchange.
 *
 * @param exchange - the guard's id of it; an attribute of the span.
 */
export function startExchangeSpan({ name, operation = name, dialect }: CalledEndpoint, exchange: string): ExchangeSpan {
  const span = trace.getTracer("@nightlight/guard").startSpan(operation, {
    kind: SpanKind.CLIENT,
    attributes: {
      "gen_ai.operation.name": operation,
      // The API that is spoken; which provider answers is not known.
      "gen_ai.provider.name": dialect.provider,
      "nightlight.guard.endpoint": name,
      "nightlight.guard.exchange": exchange,
    },
  })
  return span.isRecording() ? recording(span, operation) : UNSEEN
}

function recording(span: Span, operation: string): ExchangeSpan {
  const reasons: string[] = []
  let isModelKnown = false
  const recordFacts = ({ model, inputTokens, outputTokens, finishReasons }: AnswerFacts) => {
    isModelKnown ||= model !== undefined
    if (model !== undefined) span.setAttribute("gen_ai.response.model", model.slice(0, MAX_NAME))
    if (inputTokens !== undefined) span.setAttribute("gen_ai.usage.input_tokens", inputTokens)
    if (outputTokens !== undefined) span.setAttribute("gen_ai.usage.output_tokens", outputTokens)
    reasons.push(...finishReasons)
  }
  return {
    requested: ({ model, choices }) => {
      const name = model.slice(0, MAX_NAME)
      if (name !== "") {
        span.setAttribute("gen_ai.request.model", name)
        span.updateName(`${operation} ${name}`)
      }
      if (choices > 1) span.setAttribute("gen_ai.request.choice.count", choices)
    },
    answered: (bytes) => recordFacts(factsOfAnswer(bytes)),
    released: (frames) => {
      for (const frame of frames) {
        const facts = factsOfFrame(frame, isModelKnown)
        if (facts !== undefined) recordFacts(facts)
      }
    },
    ended: (end) => {
      if (reasons.length > 0) span.setAttribute("gen_ai.response.finish_reasons", reasons)
      span.setAttribute(END, end)
      if (end === "upstream_failed" || end === "unavailable") {
        span.setAttribute("error.type", end)
        span.setStatus({ code: SpanStatusCode.ERROR })
      }
      span.end()
    },
  }
}
