/**
 * `POST /v1/images/edits`.
 * @module
 */
import { nullable, object, oneOf, text } from "../../inspect/shape.ts"
import type { Endpoint, ReadRequest } from "../endpoint.ts"
import { readImagesAnswer } from "../images/answer.ts"
import { askForBase64, drawnFields } from "../images/fields.ts"
import { readForm } from "../images/form.ts"
import { createImagesCodec } from "../images/stream.ts"
import { openai } from "../openai/dialect.ts"

const table = object({ prompt: text("text") }, { ...drawnFields, input_fidelity: nullable(oneOf("high", "low")) })

/** Pictures from pictures and words; a mask is inspected like any other picture. */
export const imagesEdits: Endpoint = {
  name: "images.edits",
  method: "POST",
  route: "/v1/images/edits",
  upstreamPath: "/images/edits",
  dialect: openai,
  operation: "generate_content",
  surfaces: [{ directions: ["input", "output"], media: ["text", "image"] }],
  request: (raw): ReadRequest => {
    const { copy, walk, payload } = readForm(raw, { image: 16, mask: 1 }, table)
    askForBase64(copy)
    return {
      items: walk.items,
      refs: walk.refs,
      model: (copy["model"] as string | null | undefined) ?? "",
      streamed: copy["stream"] === true,
      choices: (copy["n"] as number | null | undefined) ?? 1,
      payload,
    }
  },
  answer: readImagesAnswer,
  stream: createImagesCodec("image_edit"),
}
