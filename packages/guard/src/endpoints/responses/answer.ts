/**
 * Fields of a complete response, and those that repeat the request.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import {
  flag,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  type Shape,
  text,
  withRole,
} from "../../inspect/shape.ts"
import { serviceTier } from "../chat/parts.ts"
import { outputItem } from "./items.ts"

const count = nullable(integer(0))

/** Counts of tokens. */
export const responsesUsage: Shape = object(
  {},
  {
    input_tokens: count,
    output_tokens: count,
    total_tokens: count,
    input_tokens_details: nullable(object({}, { cached_tokens: count, cache_write_tokens: count })),
    output_tokens_details: nullable(object({}, { reasoning_tokens: count })),
  },
)

/** All fields of a response except its output. */
export const responseHead = {
  id: text("label"),
  object: oneOf("response"),
  created_at: number(0),
  completed_at: nullable(number(0)),
  model: text("label"),
  error: nullable(object({ message: text("text") }, { code: nullable(text("label")) })),
  incomplete_details: nullable(
    object({}, { reason: oneOf("max_output_tokens", "max_messages", "content_filter", "steered") }),
  ),
  usage: nullable(responsesUsage),
  service_tier: serviceTier,
  parallel_tool_calls: nullable(flag),
  temperature: nullable(number()),
  top_p: nullable(number()),
} as const satisfies Readonly<Record<string, Shape>>

const numbered = outputItem(text)

const placed: Shape = (value, path, walk) => {
  walk.choice = Number(/\[(\d+)\]$/.exec(path)?.[1] ?? 0)
  return numbered(value, path, walk)
}

const { id, object: kind, created_at, model, ...rest } = responseHead

/** A complete response. */
export const responsesAnswer: Shape = withRole(
  "assistant",
  object(
    { id, object: kind, created_at, model, output: list(placed, 1024) },
    { ...rest, status: oneOf("completed", "incomplete", "failed") },
  ),
)

/** The fields of a response that repeat its request. */
export type Echo = Readonly<Record<string, JsonValue>>

const REPEATED = [
  "instructions",
  "max_output_tokens",
  "max_tool_calls",
  "metadata",
  "parallel_tool_calls",
  "prompt_cache_key",
  "reasoning",
  "safety_identifier",
  "temperature",
  "text",
  "tool_choice",
  "tools",
  "top_p",
  "truncation",
  "user",
] as const

/**
 * Returns the fields that repeat the request, taken from the request that was inspected, never from the upstream.
 *
 * @param request - the copy that is sent.
 */
export function echoOf(request: Readonly<Record<string, JsonValue>>): Echo {
  const echo: Record<string, JsonValue> = {
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: null,
    tool_choice: "auto",
    tools: [],
    top_p: null,
    previous_response_id: null,
    background: false,
    store: false,
  }
  for (const name of REPEATED) if (request[name] != null) echo[name] = request[name]
  return echo
}

/** The refusal that replaces an answer. */
export function refusalItem(id: string, message: string): JsonValue {
  return {
    id,
    type: "message",
    role: "assistant",
    status: "incomplete",
    content: [{ type: "refusal", refusal: message }],
  }
}
