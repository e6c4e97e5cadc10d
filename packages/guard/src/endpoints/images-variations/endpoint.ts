/**
 * `POST /v1/images/variations`.
 * @module
 */
import { object } from "../../inspect/shape.ts"
import type { Endpoint, ReadRequest } from "../endpoint.ts"
import { readImagesAnswer } from "../images/answer.ts"
import { askForBase64, plainFields } from "../images/fields.ts"
import { readForm } from "../images/form.ts"
import { openai } from "../openai/dialect.ts"

const table = object({}, plainFields)

/** Pictures from a picture. */
export const imagesVariations: Endpoint = {
  name: "images.variations",
  method: "POST",
  route: "/v1/images/variations",
  upstreamPath: "/images/variations",
  dialect: openai,
  operation: "generate_content",
  surfaces: [{ directions: ["input", "output"], media: ["text", "image"] }],
  request: (raw): ReadRequest => {
    const { copy, walk, payload } = readForm(raw, { image: 1 }, table)
    askForBase64(copy)
    return {
      items: walk.items,
      refs: walk.refs,
      model: (copy["model"] as string | null | undefined) ?? "",
      streamed: false,
      choices: (copy["n"] as number | null | undefined) ?? 1,
      payload,
    }
  },
  answer: readImagesAnswer,
}
