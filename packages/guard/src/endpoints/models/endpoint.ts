/**
 * `GET /v1/models` and `GET /v1/models/{model}`.
 * @module
 */

import { GuardRefusal } from "../../errors.ts"
import { integer, list, nullable, object, oneOf, type Shape, text } from "../../inspect/shape.ts"
import { Walk } from "../../inspect/walk.ts"
import type { Endpoint, RawRequest, ReadAnswer, ReadRequest } from "../endpoint.ts"
import { jsonPayload, readJsonAnswer } from "../json-endpoint.ts"
import { openai } from "../openai/dialect.ts"

const label = text("label")
const modelShape = object(
  { id: label, object: oneOf("model") },
  { created: integer(0), owned_by: label, shutdown_date: nullable(label), max_model_len: nullable(integer(0)) },
)
const listShape = object({ object: oneOf("list"), data: list(modelShape) })

const nothingIn = ({ bytes }: RawRequest) => {
  if (bytes.length > 0) throw new GuardRefusal("invalid_body", "this route allows no body")
}

const answerBy =
  (shape: Shape) =>
  (bytes: Uint8Array): ReadAnswer => {
    const { copy, walk } = readJsonAnswer(bytes, shape, "none")
    return { items: walk.items, refs: walk.refs, dropped: walk.dropped, payload: () => jsonPayload(copy) }
  }

/** Names of models. No form is allowed that a server on the way could take for a path to elsewhere. */
const MODEL_NAME = /^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[\w.:@+/-]{1,256}$/

const noBody = () => jsonPayload({})

/** The list of models: only their names pass. */
export const models: Endpoint = {
  name: "models",
  method: "GET",
  route: "/v1/models",
  upstreamPath: "/models",
  dialect: openai,
  surfaces: [{ directions: ["output"], media: ["text"] }],
  request: (raw): ReadRequest => {
    nothingIn(raw)
    return { items: [], refs: [], model: "", streamed: false, choices: 1, payload: noBody }
  },
  answer: answerBy(listShape),
}

/** One model. Its name is inspected like any string that goes to the upstream. */
export const model: Endpoint = {
  name: "models",
  method: "GET",
  route: "/v1/models/:name",
  upstreamPath: "/models/",
  dialect: openai,
  surfaces: [{ directions: ["input"], media: ["text"] }],
  request: (raw): ReadRequest => {
    nothingIn(raw)
    const walk = new Walk("refuse", "user")
    const name = label(raw.name, "name", walk) as string
    if (!MODEL_NAME.test(name)) throw new GuardRefusal("invalid_body", "expected the name of a model", "name")
    return {
      items: walk.items,
      refs: [],
      model: name,
      streamed: false,
      choices: 1,
      payload: noBody,
      upstreamPath: `/models/${encodeURIComponent(name)}`,
    }
  },
  answer: answerBy(modelShape),
}
