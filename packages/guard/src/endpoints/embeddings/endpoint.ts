/**
 * `POST /v1/embeddings`.
 * @module
 */
import { byType, integer, list, nullable, number, object, oneOf, type Shape, text } from "../../inspect/shape.ts"
import type { Endpoint, ReadAnswer, ReadRequest } from "../endpoint.ts"
import { jsonPayload, readJsonAnswer, readJsonRequest } from "../json-endpoint.ts"
import { openai } from "../openai/dialect.ts"
import { usage } from "../usage.ts"

/** The request. Inputs given as token numbers cannot be inspected and are refused. */
const embeddingsRequest = object(
  { model: text("label"), input: byType({ string: text("text"), array: list(text("text"), 2048) }) },
  { dimensions: integer(1, 65_536), encoding_format: oneOf("float", "base64"), user: text("label") },
)

/** Floats in base64, which hold numbers and nothing else. */
const packed: Shape = (value, path, walk) => {
  const bytes = Buffer.from(value as string, "base64")
  if (bytes.length === 0 || bytes.length % 4 !== 0 || bytes.toString("base64") !== value) {
    throw walk.fail("an embedding is not a list of numbers", path)
  }
  for (let offset = 0; offset < bytes.length; offset += 4) {
    if (!Number.isFinite(bytes.readFloatLE(offset))) throw walk.fail("an embedding is not a list of numbers", path)
  }
  return value as string
}

const embeddingsAnswer = object(
  {
    object: oneOf("list"),
    data: list(
      object({
        object: oneOf("embedding"),
        index: integer(0, 2047),
        embedding: byType({ array: list(number(), 65_536), string: packed }),
      }),
    ),
  },
  { usage: nullable(usage) },
)

/** Embeddings: only the request is inspected, because an answer holds numbers. */
export const embeddings: Endpoint = {
  name: "embeddings",
  method: "POST",
  route: "/v1/embeddings",
  upstreamPath: "/embeddings",
  dialect: openai,
  operation: "embeddings",
  surfaces: [{ directions: ["input"], media: ["text"] }],
  request: (raw): ReadRequest => {
    const { copy, walk } = readJsonRequest(raw, embeddingsRequest, "none")
    return {
      items: walk.items,
      refs: walk.refs,
      model: copy["model"] as string,
      streamed: false,
      choices: 1,
      payload: () => jsonPayload(copy),
    }
  },
  answer: (bytes, { model }): ReadAnswer => {
    const { copy, walk } = readJsonAnswer(bytes, embeddingsAnswer)
    // The model's name is the caller's own, which was inspected: nothing that the upstream wrote passes here.
    return { items: walk.items, refs: walk.refs, dropped: walk.dropped, payload: () => jsonPayload({ ...copy, model }) }
  },
}
