/**
 * `POST /v1/chat/completions`.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { Endpoint, ReadAnswer, ReadRequest } from "../endpoint.ts"
import { jsonPayload, readJsonAnswer, readStreamable } from "../json-endpoint.ts"
import { openai } from "../openai/dialect.ts"
import { ownId } from "../own-id.ts"
import { chatAnswer } from "./answer.ts"
import { chatRequest } from "./request.ts"
import { createChatCodec } from "./stream.ts"

/** Chat completions: text and pictures in, text and tool calls out. */
export const chat: Endpoint = {
  name: "chat",
  method: "POST",
  route: "/v1/chat/completions",
  upstreamPath: "/chat/completions",
  dialect: openai,
  operation: "chat",
  surfaces: [
    { directions: ["input"], media: ["text", "image"] },
    { directions: ["output"], media: ["text"] },
  ],
  request: (raw): ReadRequest => {
    const { copy, request } = readStreamable(raw, chatRequest)
    return {
      ...request,
      choices: (copy["n"] as number | null | undefined) ?? 1,
      leftOut: copy["logprobs"] === true ? ["logprobs"] : [],
    }
  },
  answer: (bytes, { model }): ReadAnswer => {
    const { copy, walk } = readJsonAnswer(bytes, chatAnswer)
    return {
      items: walk.items,
      refs: walk.refs,
      dropped: walk.dropped,
      payload: () => jsonPayload(copy),
      withheld: (message) => jsonPayload(withhold(copy, model, message)),
    }
  },
  stream: createChatCodec,
}

/** Keeps times, counts and the number of choices, and nothing that the upstream wrote, including its id and model. */
function withhold(copy: Readonly<Record<string, JsonValue>>, model: string, message: string): JsonValue {
  const choices = copy["choices"] as readonly Readonly<Record<string, JsonValue>>[]
  const { created, usage } = copy
  return compact({
    id: ownId("chatcmpl-"),
    object: "chat.completion",
    created: created ?? 0,
    model,
    choices: choices.map(({ index }) => ({
      index: index ?? 0,
      message: { role: "assistant", content: null, refusal: message },
      logprobs: null,
      finish_reason: "content_filter",
    })),
    usage,
  })
}
