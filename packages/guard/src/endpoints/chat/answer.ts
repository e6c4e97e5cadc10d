/**
 * Fields of a complete chat completion.
 * @module
 */

import {
  integer,
  list,
  nullable,
  object,
  omitted,
  oneOf,
  type Shape,
  text,
  variants,
  withRole,
} from "../../inspect/shape.ts"
import { choiceIndexOf } from "../choice-index.ts"
import { usage } from "../usage.ts"
import { functionCall, moderation, serviceTier, textOrNull, toolCall } from "./parts.ts"

/** Why a choice ended. */
export const finishReason: Shape = oneOf("stop", "length", "tool_calls", "content_filter", "function_call")

const annotation = variants("type", {
  url_citation: object({
    type: oneOf("url_citation"),
    url_citation: object({ end_index: integer(), start_index: integer(), title: text("label"), url: text("label") }),
  }),
})

const message = object(
  { role: oneOf("assistant") },
  {
    content: textOrNull("text"),
    refusal: textOrNull("refusal"),
    reasoning_content: textOrNull("reasoning"),
    reasoning: textOrNull("reasoning"),
    annotations: nullable(list(annotation)),
    tool_calls: nullable(list(toolCall)),
    function_call: nullable(functionCall),
  },
)

const choice: Shape = (value, path, walk) => {
  walk.choice = choiceIndexOf(value)
  return object(
    { index: integer(0, 127), message, finish_reason: nullable(finishReason) },
    // Logprobs repeat the text, so they are left out of every answer.
    { logprobs: omitted },
  )(value, path, walk)
}

/** A complete chat completion. */
export const chatAnswer: Shape = withRole(
  "assistant",
  object(
    {
      id: text("label"),
      object: oneOf("chat.completion"),
      created: integer(0),
      model: text("label"),
      choices: list(choice, 128),
    },
    {
      usage: nullable(usage),
      service_tier: serviceTier,
      system_fingerprint: nullable(text("label")),
      moderation: nullable(moderation),
    },
  ),
)
