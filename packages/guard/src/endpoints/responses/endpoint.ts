/**
 * `POST /v1/responses`.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import type { Endpoint, ReadAnswer, ReadRequest } from "../endpoint.ts"
import { jsonPayload, readJsonAnswer, readStreamable } from "../json-endpoint.ts"
import { openai } from "../openai/dialect.ts"
import { ownId } from "../own-id.ts"
import { type Echo, echoOf, refusalItem, responsesAnswer } from "./answer.ts"
import { responsesRequest } from "./request.ts"
import { createResponsesCodec } from "./stream.ts"

interface ResponsesRequest extends ReadRequest {
  /** The fields that the response repeats; made when needed, with pictures in place of links. */
  readonly echo: () => Echo
}

/** Responses: text and pictures in, text, tool calls and pictures out; nothing is stored. */
export const responses: Endpoint = {
  name: "responses",
  method: "POST",
  route: "/v1/responses",
  upstreamPath: "/responses",
  dialect: openai,
  operation: "chat",
  surfaces: [{ directions: ["input", "output"], media: ["text", "image"] }],
  request: (raw): ResponsesRequest => {
    const { copy, request } = readStreamable(raw, responsesRequest)
    return {
      ...request,
      choices: 1,
      leftOut: asksForLogprobs(copy) ? ["logprobs"] : [],
      echo: () => echoOf(copy),
    }
  },
  answer: (bytes, request): ReadAnswer => {
    const { copy, walk } = readJsonAnswer(bytes, responsesAnswer)
    const echo = (request as ResponsesRequest).echo()
    return {
      items: walk.items,
      refs: walk.refs,
      dropped: walk.dropped,
      payload: () => jsonPayload({ ...echo, ...copy }),
      withheld: (message) => jsonPayload(withhold(copy, echo, request.model, message)),
    }
  },
  stream: (request) =>
    createResponsesCodec((request as ResponsesRequest).echo(), {
      id: ownId("resp_"),
      created_at: Math.floor(Date.now() / 1000),
      model: request.model,
    }),
}

function asksForLogprobs({ include, top_logprobs }: Readonly<Record<string, JsonValue>>): boolean {
  return (
    (Array.isArray(include) && include.includes("message.output_text.logprobs")) ||
    (typeof top_logprobs === "number" && top_logprobs > 0)
  )
}

/** Keeps times and counts, and nothing that the upstream wrote. */
function withhold(copy: Readonly<Record<string, JsonValue>>, echo: Echo, model: string, message: string): JsonValue {
  const { created_at = 0, usage = null } = copy
  return {
    ...echo,
    id: ownId("resp_"),
    object: "response",
    created_at,
    model,
    status: "incomplete",
    incomplete_details: { reason: "content_filter" },
    output: [refusalItem(ownId("msg_"), message)],
    usage,
  }
}
