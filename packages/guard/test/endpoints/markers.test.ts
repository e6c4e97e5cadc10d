import { describe, expect, it } from "vitest"
import { ENDPOINTS, SERVED_ENDPOINTS } from "../../src/endpoints/all.ts"
import { chat } from "../../src/endpoints/chat/endpoint.ts"
import { completions } from "../../src/endpoints/completions/endpoint.ts"
import { embeddings } from "../../src/endpoints/embeddings/endpoint.ts"
import type { Endpoint, RawRequest, ReadRequest } from "../../src/endpoints/endpoint.ts"
import { imagesEdits } from "../../src/endpoints/images-edits/endpoint.ts"
import { imagesGenerations } from "../../src/endpoints/images-generations/endpoint.ts"
import { imagesVariations } from "../../src/endpoints/images-variations/endpoint.ts"
import { litellm } from "../../src/endpoints/litellm/endpoint.ts"
import { model, models } from "../../src/endpoints/models/endpoint.ts"
import { moderations } from "../../src/endpoints/moderations/endpoint.ts"
import { writeForm } from "../../src/endpoints/multipart/write.ts"
import { responses } from "../../src/endpoints/responses/endpoint.ts"
import type { ServedEndpoint } from "../../src/endpoints/served.ts"
import { CHAT_ANSWERS, CHAT_REQUESTS, CHAT_STREAMS } from "../support/chat-traffic.ts"
import { plantInAnswer, plantInRequest, plantInStream, rawJson } from "../support/planted.ts"
import {
  COMPLETIONS_ANSWER,
  COMPLETIONS_REQUEST,
  COMPLETIONS_STREAM,
  EMBEDDINGS_ANSWERS,
  EMBEDDINGS_REQUEST,
  GENERATIONS_REQUEST,
  IMAGES_ANSWER,
  imagesStream,
  LITELLM_REQUEST,
  MODEL,
  MODERATIONS_REQUESTS,
} from "./traffic/others.ts"
import { PIXEL } from "./traffic/pixel.ts"
import { RESPONSES_ANSWERS, RESPONSES_REQUESTS, RESPONSES_STREAMS } from "./traffic/responses.ts"

type AnyEndpoint = Endpoint | ServedEndpoint

const NO_BODY = { contentType: "", contentTypeHeader: "", bytes: new Uint8Array(0) }

/** A form of a picture and these texts. */
function rawForm(texts: unknown): RawRequest {
  const { contentType, bytes } = writeForm([
    { name: "image", bytes: Buffer.from(PIXEL, "base64"), mediaType: "image/png", fileName: "a.png" },
    ...Object.entries(texts as Record<string, unknown>).map(([name, text]) => ({
      name,
      text: String(text),
    })),
  ])
  return { contentType: "multipart/form-data", contentTypeHeader: contentType, bytes }
}

/** A request without a body whose path ends with a name; whatever else is given is its body all the same. */
function rawPath(given: unknown): RawRequest {
  const { name, ...rest } = given as { readonly name?: string }
  const bytes = Object.keys(rest).length === 0 ? NO_BODY.bytes : Buffer.from(JSON.stringify(rest))
  return name === undefined ? { ...NO_BODY, bytes } : { ...NO_BODY, bytes, name }
}

const asked = {
  chat: chat.request(rawJson({ model: "m", messages: [{ role: "user", content: "x" }], stream: true, n: 4 })),
  responses: responses.request(rawJson({ model: "m", input: "x", stream: true })),
  completions: completions.request(rawJson({ model: "m", prompt: "x", n: 2 })),
  embeddings: embeddings.request(rawJson({ model: "m", input: "x" })),
  images: imagesGenerations.request(rawJson({ model: "m", prompt: "x", n: 2 })),
  models: models.request(NO_BODY),
}

/** A request, as what is planted into, and how it is written. */
type MarkedRequest = readonly [name: string, endpoint: AnyEndpoint, body: object, write: (body: unknown) => RawRequest]
type MarkedAnswer = readonly [name: string, endpoint: Endpoint, body: object, request: ReadRequest]
type MarkedStream = readonly [name: string, endpoint: Endpoint, events: readonly object[], request: ReadRequest]

const FORM = { model: "m", n: "2", size: "1024x1024", user: "ada" }

const REQUESTS: readonly MarkedRequest[] = [
  ...CHAT_REQUESTS.map(([name, body]): MarkedRequest => [`chat: ${name}`, chat, body, rawJson]),
  ...RESPONSES_REQUESTS.map(([name, body]): MarkedRequest => [`responses: ${name}`, responses, body, rawJson]),
  ["completions", completions, COMPLETIONS_REQUEST, rawJson],
  ["embeddings", embeddings, EMBEDDINGS_REQUEST, rawJson],
  ["pictures from words", imagesGenerations, GENERATIONS_REQUEST, rawJson],
  ["pictures from pictures", imagesEdits, { ...FORM, prompt: "A dot." }, rawForm],
  ["variations of a picture", imagesVariations, FORM, rawForm],
  ["the list of models", models, {}, rawPath],
  ["one model", model, { name: "m-1" }, rawPath],
  ...MODERATIONS_REQUESTS.map(
    (body, index): MarkedRequest => [`moderation, form ${index}`, moderations, body, rawJson],
  ),
  ["LiteLLM's guardrail", litellm, LITELLM_REQUEST, rawJson],
]

const ANSWERS: readonly MarkedAnswer[] = [
  ...CHAT_ANSWERS.map(([name, body]): MarkedAnswer => [`chat: ${name}`, chat, body, asked.chat]),
  ...RESPONSES_ANSWERS.map(([name, body]): MarkedAnswer => [`responses: ${name}`, responses, body, asked.responses]),
  ["completions", completions, COMPLETIONS_ANSWER, asked.completions],
  ["pictures from words", imagesGenerations, IMAGES_ANSWER, asked.images],
  ["pictures from pictures", imagesEdits, IMAGES_ANSWER, asked.images],
  ["variations of a picture", imagesVariations, IMAGES_ANSWER, asked.images],
  ["the list of models", models, { object: "list", data: [MODEL] }, asked.models],
  ["one model", model, MODEL, asked.models],
]

/** Answers of which nothing that the upstream wrote passes. */
const SEALED_ANSWERS: readonly MarkedAnswer[] = EMBEDDINGS_ANSWERS.map(
  (body, index): MarkedAnswer => [`embeddings, form ${index}`, embeddings, body, asked.embeddings],
)

const STREAMS: readonly MarkedStream[] = [
  ...CHAT_STREAMS.map(([name, events]): MarkedStream => [`chat: ${name}`, chat, events, asked.chat]),
  ...RESPONSES_STREAMS.map(
    ([name, events]): MarkedStream => [`responses: ${name}`, responses, events, asked.responses],
  ),
  ["completions", completions, COMPLETIONS_STREAM, asked.completions],
  ["pictures from words", imagesGenerations, imagesStream("image_generation"), asked.images],
  ["pictures from pictures", imagesEdits, imagesStream("image_edit"), asked.images],
]

describe("a marker planted in any leaf, key or new field of a request", () => {
  it.each(REQUESTS)("of %s is inspected, or the request is refused", (_, endpoint, body, write) => {
    expect(() => endpoint.request(write(body))).not.toThrow()
    const { inspected, refused } = plantInRequest((given) => endpoint.request(write(given)), body)
    if (endpoint.surfaces.some(({ directions }) => directions.includes("input"))) expect(inspected).toBeGreaterThan(0)
    expect(refused).toBeGreaterThan(0)
  })
})

describe("a marker planted in any leaf, key or new field of an answer", () => {
  it.each(ANSWERS)("of %s is inspected, left out, or the answer is refused", (_, endpoint, body, request) => {
    expect(plantInAnswer(endpoint, body, request)).toBeGreaterThan(0)
  })

  it.each(SEALED_ANSWERS)("of %s never leaves", (_, endpoint, body, request) => {
    expect(() => endpoint.answer(Buffer.from(JSON.stringify(body)), request)).not.toThrow()
    expect(plantInAnswer(endpoint, body, request)).toBe(0)
  })
})

describe("a marker planted in any leaf, key or new field of a stream", () => {
  it.each(STREAMS)("of %s is inspected before it is released, or not released", (_, endpoint, events, request) => {
    expect(plantInStream(endpoint, events, request)).toBeGreaterThan(0)
  })
})

describe("markers are planted for every line of table.ts", () => {
  const missing = (
    endpoints: readonly AnyEndpoint[],
    rows: readonly (readonly [string, AnyEndpoint, ...unknown[]])[],
  ) => endpoints.filter((endpoint) => !rows.some(([, marked]) => marked === endpoint)).map(({ route }) => route)

  it("in requests", () => {
    expect(missing([...ENDPOINTS, ...SERVED_ENDPOINTS], REQUESTS)).toEqual([])
  })

  it("in answers of those that are forwarded", () => {
    expect(missing(ENDPOINTS, [...ANSWERS, ...SEALED_ANSWERS])).toEqual([])
  })

  it("in streams of those that have one", () => {
    const streaming = ENDPOINTS.filter(({ stream }) => stream !== undefined)
    expect(streaming.length).toBeGreaterThan(0)
    expect(missing(streaming, STREAMS)).toEqual([])
  })
})
