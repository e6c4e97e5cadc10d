/**
 * Facts about an answer that operators may see: its model's name, counts, and codes of a closed set.
 * @module
 */
import { compact } from "@nightlight/core"
/** Names, counts and codes of an answer, or of a part of one. */
export interface AnswerFacts {
  readonly model?: string
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly finishReasons: readonly string[]
}

/** A larger answer is not parsed again for its counts. */
const MAX_BYTES = 1_048_576

const NONE: AnswerFacts = { finishReasons: [] }

const REASONS: ReadonlySet<unknown> = new Set([
  "stop",
  "length",
  "tool_calls",
  "function_call",
  "content_filter",
  "completed",
  "incomplete",
  "failed",
])

/** Within a JSON string a quotation mark is escaped, so these match fields and never a model's text. */
const TELLS = /"usage":\{|"finish_reason":"/

/** Facts of a whole answer; empty where it is not a JSON object or is larger than 1 MiB. */
export function factsOfAnswer(bytes: Uint8Array): AnswerFacts {
  return bytes.length > MAX_BYTES ? NONE : factsOf(Buffer.from(bytes).toString())
}

/** Facts of one frame of a stream; `undefined` where it holds none. */
export function factsOfFrame(frame: string, isModelKnown: boolean): AnswerFacts | undefined {
  if (frame.length > MAX_BYTES || !(TELLS.test(frame) || (!isModelKnown && frame.includes('"model":"')))) {
    return undefined
  }
  const data = /^data: (\{.*)$/m.exec(frame)?.[1]
  return data === undefined ? undefined : factsOf(data)
}

function factsOf(json: string): AnswerFacts {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return NONE
  }
  const outer = fieldsOf(value)
  const fields = outer["response"] === undefined ? outer : fieldsOf(outer["response"])
  const usage = fieldsOf(fields["usage"])
  const { model, choices, status } = fields
  const inputTokens = usage["prompt_tokens"] ?? usage["input_tokens"]
  const outputTokens = usage["completion_tokens"] ?? usage["output_tokens"]
  const reasons = Array.isArray(choices) ? choices.map((choice) => fieldsOf(choice)["finish_reason"]) : [status]
  return compact({
    model: typeof model === "string" && model !== "" ? model : undefined,
    inputTokens: typeof inputTokens === "number" ? inputTokens : undefined,
    outputTokens: typeof outputTokens === "number" ? outputTokens : undefined,
    finishReasons: reasons.filter((reason): reason is string => REASONS.has(reason)),
  })
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}
}
