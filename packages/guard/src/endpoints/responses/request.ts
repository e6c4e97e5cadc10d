/**
 * Fields of `POST /v1/responses`.
 * @module
 */
import {
  flag,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  record,
  refused,
  type Shape,
  text,
  withRole,
} from "../../inspect/shape.ts"
import { serviceTier } from "../chat/parts.ts"
import { dropped, mustBeOff } from "../forced.ts"
import { responsesInput } from "./input.ts"
import { responsesText, responsesToolChoice, responsesTools } from "./tools.ts"

const reasoning = object(
  {},
  {
    context: nullable(oneOf("auto", "current_turn", "all_turns")),
    effort: nullable(oneOf("none", "minimal", "low", "medium", "high", "xhigh", "max")),
    generate_summary: nullable(oneOf("auto", "concise", "detailed")),
    mode: oneOf("standard", "pro"),
    summary: nullable(oneOf("auto", "concise", "detailed")),
  },
)

const mode = nullable(object({ mode: oneOf("score", "block") }))

/**
 * The request. Fields that make the upstream keep state, or use kept state, are refused: earlier turns come in `input`,
 * where they are inspected. `store` is always sent as `false`.
 */
export const responsesRequest: Shape = withRole(
  "user",
  object(
    { model: text("label"), input: responsesInput },
    {
      background: mustBeOff("background responses are not allowed"),
      conversation: refused("stored conversations are not allowed: send the items in input"),
      previous_response_id: refused("stored responses are not allowed: send the items in input"),
      prompt: refused("stored prompts are not allowed: send the text in instructions or input"),
      context_management: refused("context management is not allowed"),
      store: mustBeOff("stored responses are not allowed"),
      include: nullable(list(oneOf("reasoning.encrypted_content", "message.output_text.logprobs"), 8)),
      instructions: withRole("system", nullable(text("text"))),
      max_output_tokens: nullable(integer(0)),
      max_tool_calls: nullable(integer(0)),
      metadata: nullable(record("label", text("label"), 16)),
      moderation: nullable(
        object({ model: text("label") }, { policy: nullable(object({}, { input: mode, output: mode })) }),
      ),
      parallel_tool_calls: nullable(flag),
      prompt_cache_key: nullable(text("label")),
      prompt_cache_options: object({}, { mode: oneOf("implicit", "explicit"), ttl: oneOf("30m") }),
      prompt_cache_retention: nullable(oneOf("in_memory", "24h")),
      reasoning: nullable(reasoning),
      safety_identifier: nullable(text("label")),
      service_tier: serviceTier,
      stream: nullable(flag),
      stream_options: nullable(object({}, { include_obfuscation: dropped(flag) })),
      temperature: nullable(number()),
      text: responsesText,
      tool_choice: responsesToolChoice,
      tools: nullable(responsesTools),
      top_logprobs: nullable(integer(0, 20)),
      top_p: nullable(number()),
      truncation: nullable(oneOf("auto", "disabled")),
      user: text("label"),
    },
  ),
)
