/**
 * Fields of `POST /v1/chat/completions`.
 *
 * Source: openai-node 7.57.0, resources/chat/completions/completions.d.ts, and what vLLM and Ollama add to it.
 * @module
 */

import { pictureUrl } from "../../inspect/pictures.ts"
import {
  anyJson,
  byType,
  flag,
  integer,
  list,
  nullable,
  number,
  object,
  omitted,
  oneOf,
  record,
  refused,
  type Shape,
  text,
  variants,
  withRole,
} from "../../inspect/shape.ts"
import { samplingFields } from "../openai/sampling.ts"
import { functionCall, serviceTier, textOrNull, toolCall } from "./parts.ts"

const cacheBreakpoint = object({ mode: oneOf("explicit") }, { ttl: oneOf("30m", "12h") })

const textPart = object({ type: oneOf("text"), text: text("text") }, { prompt_cache_breakpoint: cacheBreakpoint })

const parts = (shapes: Readonly<Record<string, Shape>>) =>
  byType({ string: text("text"), array: list(variants("type", shapes)) })

const textContent = parts({ text: textPart })

const userContent = parts({
  text: textPart,
  image_url: object(
    {
      type: oneOf("image_url"),
      image_url: object({ url: pictureUrl }, { detail: oneOf("auto", "low", "high", "original") }),
    },
    { prompt_cache_breakpoint: cacheBreakpoint },
  ),
})

const assistantContent = byType({
  string: text("text"),
  null: () => null,
  array: list(
    variants("type", { text: textPart, refusal: object({ type: oneOf("refusal"), refusal: text("refusal") }) }),
  ),
})

const name = text("label")

const message = variants("role", {
  system: withRole("system", object({ role: oneOf("system"), content: textContent }, { name })),
  developer: withRole("system", object({ role: oneOf("developer"), content: textContent }, { name })),
  user: withRole("user", object({ role: oneOf("user"), content: userContent }, { name })),
  assistant: withRole(
    "assistant",
    object(
      { role: oneOf("assistant") },
      {
        content: assistantContent,
        name,
        refusal: textOrNull("refusal"),
        reasoning_content: textOrNull("reasoning"),
        reasoning: textOrNull("reasoning"),
        tool_calls: nullable(list(toolCall)),
        function_call: nullable(functionCall),
        audio: refused("earlier audio is not allowed"),
        annotations: refused("annotations are not allowed"),
      },
    ),
  ),
  tool: withRole(
    "tool",
    object({ role: oneOf("tool"), content: textContent, tool_call_id: text("label") }, { name }),
    "tool_result",
  ),
  function: withRole("tool", object({ role: oneOf("function"), content: textOrNull("text"), name }), "tool_result"),
})

const functionDefinition = object(
  { name: text("definition") },
  { description: text("definition"), parameters: anyJson("definition"), strict: nullable(flag) },
)

const tool = variants("type", {
  function: object({ type: oneOf("function"), function: functionDefinition }),
  custom: object({
    type: oneOf("custom"),
    custom: object(
      { name: text("definition") },
      {
        description: text("definition"),
        format: variants("type", {
          text: object({ type: oneOf("text") }),
          grammar: object({
            type: oneOf("grammar"),
            grammar: object({ definition: text("definition"), syntax: oneOf("lark", "regex") }),
          }),
        }),
      },
    ),
  }),
})

const named = object({ name: text("definition") })

const toolChoice = byType({
  string: oneOf("none", "auto", "required"),
  object: variants("type", {
    function: object({ type: oneOf("function"), function: named }),
    custom: object({ type: oneOf("custom"), custom: named }),
    allowed_tools: object({
      type: oneOf("allowed_tools"),
      allowed_tools: object({ mode: oneOf("auto", "required"), tools: list(anyJson("definition")) }),
    }),
  }),
})

const responseFormat = variants("type", {
  text: object({ type: oneOf("text") }),
  json_object: object({ type: oneOf("json_object") }),
  json_schema: object({
    type: oneOf("json_schema"),
    json_schema: object(
      { name: text("definition") },
      { description: text("definition"), schema: anyJson("definition"), strict: nullable(flag) },
    ),
  }),
})

/** The upstream's own moderation comes on top of this guard's checks. */
const moderationMode = object({ mode: oneOf("score", "block") })

/** Choices that one request may ask for. */
const MAX_CHOICES = 128

/** The request. `store` is always sent as `false`. */
export const chatRequest: Shape = withRole(
  "user",
  object(
    { model: text("label"), messages: list(message) },
    {
      stream: nullable(flag),
      stream_options: nullable(
        object({}, { include_usage: flag, include_obfuscation: omitted, continuous_usage_stats: omitted }),
      ),
      n: nullable(integer(1, MAX_CHOICES)),
      ...samplingFields,
      max_completion_tokens: nullable(integer(0)),
      logprobs: nullable(flag),
      top_logprobs: nullable(integer(0, 20)),
      logit_bias: nullable(record("label", number())),
      stop: byType({ string: text("text"), array: list(text("text"), 64), null: () => null }),
      tools: nullable(withRole("system", list(tool, 512))),
      tool_choice: withRole("system", toolChoice),
      parallel_tool_calls: flag,
      functions: withRole("system", list(functionDefinition, 512)),
      function_call: byType({ string: oneOf("none", "auto"), object: named }),
      response_format: withRole("system", responseFormat),
      reasoning_effort: nullable(oneOf("none", "minimal", "low", "medium", "high", "xhigh", "max")),
      verbosity: nullable(oneOf("low", "medium", "high")),
      service_tier: serviceTier,
      store: nullable(oneOf(false)),
      user: text("label"),
      safety_identifier: nullable(text("label")),
      prompt_cache_key: nullable(text("label")),
      prompt_cache_retention: nullable(oneOf("in_memory", "24h")),
      prompt_cache_options: object({}, { mode: oneOf("implicit", "explicit"), ttl: oneOf("30m") }),
      metadata: nullable(record("label", text("label"), 16)),
      prediction: nullable(object({ type: oneOf("content"), content: textContent })),
      modalities: nullable(list(oneOf("text"), 1)),
      audio: refused("audio is not allowed"),
      web_search_options: refused("web search is not allowed: its results would not be inspected"),
      moderation: nullable(
        object(
          { model: text("label") },
          { policy: nullable(object({}, { input: nullable(moderationMode), output: nullable(moderationMode) })) },
        ),
      ),
    },
  ),
)
