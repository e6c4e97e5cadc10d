/**
 * Items of a response's output, which are also items of a later request's input.
 *
 * Source: openai-node 7.57.0, resources/responses/responses.d.ts.
 * @module
 */

import type { Channel } from "../../inspect/inspectable.ts"
import { pictureBase64 } from "../../inspect/pictures.ts"
import { integer, list, nullable, object, omitted, oneOf, type Shape, text, variants } from "../../inspect/shape.ts"

/** Status of an item. */
export const itemStatus: Shape = nullable(oneOf("in_progress", "completed", "incomplete"))

/** The part of an answer that a message is. */
export const phase: Shape = nullable(oneOf("commentary", "final_answer"))

const label = text("label")

/** A source that a text names. */
export const annotation: Shape = variants("type", {
  url_citation: object(
    { type: oneOf("url_citation"), url: label, title: label },
    { start_index: integer(), end_index: integer() },
  ),
  file_citation: object({ type: oneOf("file_citation"), file_id: label }, { filename: label, index: integer() }),
  file_path: object({ type: oneOf("file_path"), file_id: label }, { index: integer() }),
  container_file_citation: object(
    { type: oneOf("container_file_citation"), container_id: label, file_id: label },
    { filename: label, start_index: integer(), end_index: integer() },
  ),
})

/** How the growing texts are read: inspected where they are complete, passed to a codec where it collects them. */
export type Said = (channel: Channel) => Shape

/** The content of an answer's message. */
export function answerParts(said: Said): Readonly<Record<string, Shape>> {
  return {
    // Logprobs repeat the text, so they are left out of every answer.
    output_text: object(
      { type: oneOf("output_text"), text: said("text") },
      { annotations: list(annotation), logprobs: omitted },
    ),
    refusal: object({ type: oneOf("refusal"), refusal: said("refusal") }),
  }
}

const id = nullable(label)

/** Calls of the caller's own tools. */
export const calls: Readonly<Record<string, Shape>> = {
  function_call: object(
    { type: oneOf("function_call"), call_id: label, name: text("tool_call"), arguments: text("tool_call") },
    { id, status: itemStatus, namespace: text("tool_call") },
  ),
  custom_tool_call: object(
    { type: oneOf("custom_tool_call"), call_id: label, name: text("tool_call"), input: text("tool_call") },
    { id, status: itemStatus, namespace: text("tool_call") },
  ),
  image_generation_call: object(
    { type: oneOf("image_generation_call"), result: nullable(pictureBase64) },
    {
      id,
      status: nullable(oneOf("in_progress", "generating", "completed", "failed", "incomplete")),
      action: nullable(oneOf("generate", "edit", "auto")),
      background: nullable(oneOf("transparent", "opaque", "auto")),
      output_format: nullable(oneOf("png", "webp", "jpeg")),
      quality: nullable(oneOf("low", "medium", "high", "xhigh", "max", "auto", "standard", "hd")),
      size: nullable(label),
      revised_prompt: nullable(text("text")),
    },
  ),
}

/** A model's reasoning. Encrypted reasoning is inspected as the string it is. */
export function reasoningItem(said: Said): Shape {
  return object(
    { type: oneOf("reasoning") },
    {
      id,
      status: itemStatus,
      summary: list(object({ type: oneOf("summary_text"), text: said("reasoning") })),
      content: nullable(list(object({ type: oneOf("reasoning_text"), text: said("reasoning") }))),
      encrypted_content: nullable(label),
    },
  )
}

/** An answer's message. */
function messageItem(said: Said, messageId: Shape): Shape {
  return object(
    { type: oneOf("message"), role: oneOf("assistant"), content: list(variants("type", answerParts(said))) },
    { id: messageId, status: itemStatus, phase },
  )
}

/** An item of an answer. Items of tools that no request may ask for are not known. */
export function outputItem(said: Said, messageId: Shape = id): Shape {
  return variants("type", { message: messageItem(said, messageId), reasoning: reasoningItem(said), ...calls })
}
