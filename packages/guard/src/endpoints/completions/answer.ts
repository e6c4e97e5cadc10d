/**
 * Fields of a complete text completion.
 * @module
 */
import { integer, list, nullable, object, omitted, oneOf, type Shape, text, withRole } from "../../inspect/shape.ts"
import { choiceIndexOf } from "../choice-index.ts"
import { usage } from "../usage.ts"

/** Why a choice ended. */
export const finishReason: Shape = nullable(oneOf("stop", "length", "content_filter"))

const choice: Shape = (value, path, walk) => {
  walk.choice = choiceIndexOf(value)
  return object(
    { index: integer(0, 16_383), text: text("text"), finish_reason: finishReason },
    // Fields that repeat the text or the prompt are left out of every answer.
    { logprobs: omitted, prompt_logprobs: omitted },
  )(value, path, walk)
}

/** A complete text completion. */
export const completionsAnswer: Shape = withRole(
  "assistant",
  object(
    {
      id: text("label"),
      object: oneOf("text_completion"),
      created: integer(0),
      model: text("label"),
      choices: list(choice, 16_384),
    },
    { usage: nullable(usage), system_fingerprint: nullable(text("label")) },
  ),
)
