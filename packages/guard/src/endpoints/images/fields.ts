/**
 * Fields that requests for pictures share.
 *
 * Source: openai-node 7.57.0, resources/images.d.ts. Drawings (`svg`) and animations are refused: no check covers them.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { flag, integer, nullable, oneOf, type Shape, text } from "../../inspect/shape.ts"
import { alwaysSends } from "../forced.ts"

/** A link to the upstream would bypass this guard, so pictures come in the answer itself. */
const responseFormat: Shape = (value, path, walk) => {
  if (value === null || value === "b64_json") return value
  if (value === "url") {
    throw walk.fail("links to pictures are not allowed: ask for b64_json", path, "unsupported_parameter")
  }
  throw walk.fail("a value is not known", path)
}

/** Fields of every request for pictures. */
export const plainFields = {
  model: nullable(text("label")),
  n: nullable(integer(1, 10)),
  response_format: responseFormat,
  size: nullable(text("label")),
  user: text("label"),
} as const satisfies Readonly<Record<string, Shape>>

/** Fields of generations and edits. */
export const drawnFields = {
  ...plainFields,
  background: nullable(oneOf("transparent", "opaque", "auto")),
  moderation: alwaysSends("auto", oneOf("auto", "low")),
  output_compression: nullable(integer(0, 100)),
  output_format: nullable(oneOf("png", "webp", "jpeg")),
  // An unfinished picture would leave without being inspected.
  partial_images: alwaysSends(0, integer(0, 3)),
  quality: nullable(oneOf("low", "medium", "high", "xhigh", "max", "auto", "standard", "hd")),
  safety_identifier: nullable(text("label")),
  stream: nullable(flag),
} as const satisfies Readonly<Record<string, Shape>>

/** Models that always return base64, and refuse the field that asks for it. */
const ALWAYS_BASE64 = /^(?:gpt-image|chatgpt-image)/

/** Asks for pictures in the answer itself, wherever the API lets a caller ask. */
export function askForBase64(copy: Record<string, JsonValue>): void {
  const { model } = copy
  if (typeof model === "string" && ALWAYS_BASE64.test(model)) delete copy["response_format"]
  else copy["response_format"] = "b64_json"
}
