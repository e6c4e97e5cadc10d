/**
 * Items of a request's input.
 * @module
 */
import { pictureUrl } from "../../inspect/pictures.ts"
import {
  byType,
  list,
  nullable,
  object,
  oneOf,
  refused,
  type Shape,
  text,
  variants,
  withRole,
} from "../../inspect/shape.ts"
import { answerParts, calls, itemStatus, phase, reasoningItem } from "./items.ts"

const label = text("label")

const cacheBreakpoint = nullable(object({ mode: oneOf("explicit") }, { ttl: oneOf("30m", "12h") }))

/** A kind that is always refused. */
function never(why: string): Shape {
  return (_value, path, walk) => {
    throw walk.fail(why, path, "unsupported_parameter")
  }
}

const inputParts: Readonly<Record<string, Shape>> = {
  input_text: object({ type: oneOf("input_text"), text: text("text") }, { prompt_cache_breakpoint: cacheBreakpoint }),
  input_image: object(
    { type: oneOf("input_image"), image_url: pictureUrl },
    {
      detail: nullable(oneOf("auto", "low", "high", "original")),
      file_id: refused("uploaded files are not allowed: send the picture as a data: URL"),
      prompt_cache_breakpoint: cacheBreakpoint,
    },
  ),
  input_file: never("files are not allowed"),
  input_audio: never("audio is not allowed"),
}

const inputContent = byType({ string: text("text"), array: list(variants("type", inputParts)) })

const assistantContent = byType({
  string: text("text"),
  array: list(variants("type", { ...inputParts, ...answerParts(text) })),
})

const messageFields = { type: oneOf("message"), id: nullable(label), status: itemStatus, phase }

const said = (role: string, content: Shape) => object({ role: oneOf(role), content }, messageFields)

const message = variants("role", {
  user: withRole("user", said("user", inputContent)),
  system: withRole("system", said("system", inputContent)),
  developer: withRole("system", said("developer", inputContent)),
  assistant: withRole("assistant", said("assistant", assistantContent)),
})

const toolResult = (type: string) =>
  withRole(
    "tool",
    object({ type: oneOf(type), call_id: label, output: inputContent }, { id: nullable(label), status: itemStatus }),
    "tool_result",
  )

const asAssistant = (shapes: Readonly<Record<string, Shape>>) =>
  Object.fromEntries(Object.entries(shapes).map(([type, shape]) => [type, withRole("assistant", shape)]))

const item = variants(
  "type",
  {
    message,
    ...asAssistant({ ...calls, reasoning: reasoningItem(text) }),
    function_call_output: toolResult("function_call_output"),
    custom_tool_call_output: toolResult("custom_tool_call_output"),
    item_reference: never("stored items are not allowed: send the item itself"),
  },
  message,
)

/** The input: a text, or items in order. Items of tools that run elsewhere are refused. */
export const responsesInput: Shape = byType({ string: text("text"), array: list(item) })
