import { describe, expect, it } from "vitest"
import { completions } from "../../src/endpoints/completions/endpoint.ts"
import { embeddings } from "../../src/endpoints/embeddings/endpoint.ts"
import type { Endpoint } from "../../src/endpoints/endpoint.ts"
import { imagesEdits } from "../../src/endpoints/images-edits/endpoint.ts"
import { imagesGenerations } from "../../src/endpoints/images-generations/endpoint.ts"
import { litellm } from "../../src/endpoints/litellm/endpoint.ts"
import { model, models } from "../../src/endpoints/models/endpoint.ts"
import { moderations } from "../../src/endpoints/moderations/endpoint.ts"
import { responses } from "../../src/endpoints/responses/endpoint.ts"
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
import { RESPONSES_ANSWERS, RESPONSES_REQUESTS, RESPONSES_STREAMS } from "./traffic/responses.ts"

const NO_BODY = { contentType: "", contentTypeHeader: "", bytes: new Uint8Array(0) }
const asked = {
  responses: responses.request(rawJson({ model: "m", input: "x", stream: true })),
  completions: completions.request(rawJson({ model: "m", prompt: "x", n: 2 })),
  embeddings: embeddings.request(rawJson({ model: "m", input: "x" })),
  images: imagesGenerations.request(rawJson({ model: "m", prompt: "x", n: 2 })),
  models: models.request(NO_BODY),
}

describe("a marker planted in any leaf, key or new field of a request", () => {
  it.each<[string, Pick<Endpoint, "request"> | typeof moderations, object]>([
    ...RESPONSES_REQUESTS.map(([name, body]) => [`responses: ${name}`, responses, body] as [string, Endpoint, object]),
    ["completions", completions, COMPLETIONS_REQUEST],
    ["embeddings", embeddings, EMBEDDINGS_REQUEST],
    ["pictures from words", imagesGenerations, GENERATIONS_REQUEST],
    ["moderation of a text", moderations, MODERATIONS_REQUESTS[0] as object],
    ["moderation of texts", moderations, MODERATIONS_REQUESTS[1] as object],
    ["moderation of parts", moderations, MODERATIONS_REQUESTS[2] as object],
    ["LiteLLM's guardrail", litellm, LITELLM_REQUEST],
  ])("of %s is inspected, or the request is refused", (_, endpoint, body) => {
    expect(() => endpoint.request(rawJson(body))).not.toThrow()
    const { inspected, refused } = plantInRequest((raw) => endpoint.request(raw), body)
    expect(inspected).toBeGreaterThan(0)
    expect(refused).toBeGreaterThan(0)
  })
})

describe("a marker planted in any leaf, key or new field of an answer", () => {
  it.each<[string, Endpoint, object, Parameters<typeof plantInAnswer>[2]]>([
    ...RESPONSES_ANSWERS.map(
      ([name, body]) => [`responses: ${name}`, responses, body, asked.responses] as [string, Endpoint, object, never],
    ),
    ["completions", completions, COMPLETIONS_ANSWER, asked.completions],
    ["pictures", imagesGenerations, IMAGES_ANSWER, asked.images],
    ["the list of models", models, { object: "list", data: [MODEL] }, asked.models],
    ["one model", model, MODEL, asked.models],
  ])("of %s is inspected, left out, or the answer is refused", (_, endpoint, body, request) => {
    expect(plantInAnswer(endpoint, body, request)).toBeGreaterThan(0)
  })

  it.each(EMBEDDINGS_ANSWERS)("of embeddings never leaves: %#", (body) => {
    expect(() => embeddings.answer(Buffer.from(JSON.stringify(body)), asked.embeddings)).not.toThrow()
    expect(plantInAnswer(embeddings, body, asked.embeddings)).toBe(0)
  })
})

describe("a marker planted in any leaf, key or new field of a stream", () => {
  it.each<[string, Endpoint, readonly object[], Parameters<typeof plantInStream>[2]]>([
    ...RESPONSES_STREAMS.map(
      ([name, events]) =>
        [`responses: ${name}`, responses, events, asked.responses] as [string, Endpoint, readonly object[], never],
    ),
    ["completions", completions, COMPLETIONS_STREAM, asked.completions],
    ["pictures from words", imagesGenerations, imagesStream("image_generation"), asked.images],
    ["pictures from pictures", imagesEdits, imagesStream("image_edit"), asked.images],
  ])("of %s is inspected before it is released, or not released", (_, endpoint, events, request) => {
    expect(plantInStream(endpoint, events, request)).toBeGreaterThan(0)
  })
})
