/**
 * `POST /v1/images/generations`.
 * @module
 */
import { nullable, object, oneOf, text } from "../../inspect/shape.ts"
import type { Endpoint, ReadRequest } from "../endpoint.ts"
import { readImagesAnswer } from "../images/answer.ts"
import { askForBase64, drawnFields } from "../images/fields.ts"
import { createImagesCodec } from "../images/stream.ts"
import { jsonPayload, readJsonRequest } from "../json-endpoint.ts"
import { openai } from "../openai/dialect.ts"

const request = object({ prompt: text("text") }, { ...drawnFields, style: nullable(oneOf("vivid", "natural")) })

/** Pictures from words. Spelt out like `images.edits`, on purpose: what an endpoint is stands in one place. */
export const imagesGenerations: Endpoint = {
  name: "images.generations",
  method: "POST",
  route: "/v1/images/generations",
  upstreamPath: "/images/generations",
  dialect: openai,
  operation: "generate_content",
  surfaces: [
    { directions: ["input", "output"], media: ["text"] },
    { directions: ["output"], media: ["image"] },
  ],
  request: (raw): ReadRequest => {
    const { copy, walk } = readJsonRequest(raw, request, "user")
    askForBase64(copy)
    return {
      items: walk.items,
      refs: walk.refs,
      model: (copy["model"] as string | null | undefined) ?? "",
      streamed: copy["stream"] === true,
      choices: (copy["n"] as number | null | undefined) ?? 1,
      payload: () => jsonPayload(copy),
    }
  },
  answer: readImagesAnswer,
  stream: createImagesCodec("image_generation"),
}
