/**
 * Shared by chat requests and answers.
 * @module
 */
import {
  byType,
  flag,
  list,
  nullable,
  number,
  object,
  oneOf,
  record,
  type Shape,
  text,
  variants,
} from "../../inspect/shape.ts"

/** Values of `service_tier`. */
export const serviceTier: Shape = nullable(oneOf("auto", "default", "flex", "scale", "priority", "fast"))

/** A complete tool call. */
export const toolCall: Shape = variants("type", {
  function: object(
    { id: text("label"), function: object({ name: text("tool_call"), arguments: text("tool_call") }) },
    { type: oneOf("function") },
  ),
  custom: object(
    { id: text("label"), custom: object({ name: text("tool_call"), input: text("tool_call") }) },
    { type: oneOf("custom") },
  ),
})

/** A call in the older form of functions. */
export const functionCall: Shape = object({ name: text("tool_call"), arguments: text("tool_call") })

/** Text that may be `null`. */
export const textOrNull = (channel: "text" | "reasoning" | "refusal"): Shape =>
  byType({ string: text(channel), null: () => null })

const moderationResults = object(
  { type: oneOf("moderation_results") },
  {
    model: text("label"),
    results: list(
      object(
        {},
        {
          type: oneOf("moderation_result"),
          model: text("label"),
          flagged: flag,
          categories: record("label", flag),
          category_scores: record("label", number()),
          category_applied_input_types: record("label", list(oneOf("text", "image"))),
        },
      ),
    ),
  },
)

const moderationSide = variants("type", {
  moderation_results: moderationResults,
  error: object({ type: oneOf("error"), code: text("label"), message: text("label") }),
})

/** The result of the upstream's own moderation; it is passed on, and is not a check of this guard. */
export const moderation: Shape = object({}, { input: moderationSide, output: moderationSide })
