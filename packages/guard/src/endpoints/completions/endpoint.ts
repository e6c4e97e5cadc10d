/**
 * `POST /v1/completions`.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { GuardRefusal } from "../../errors.ts"
import type { Endpoint, ReadAnswer, ReadRequest } from "../endpoint.ts"
import { jsonPayload, readJsonAnswer, readJsonRequest } from "../json-endpoint.ts"
import { openai } from "../openai/dialect.ts"
import { tooManyChoices } from "../upstream-faults.ts"
import { completionsAnswer } from "./answer.ts"
import { completionsRequest } from "./request.ts"
import { createCompletionsCodec } from "./stream.ts"

/** Text completions. With `echo` the prompt comes back, and is inspected again with the text that follows it. */
export const completions: Endpoint = {
  name: "completions",
  method: "POST",
  route: "/v1/completions",
  upstreamPath: "/completions",
  dialect: openai,
  operation: "text_completion",
  surfaces: [{ directions: ["input", "output"], media: ["text"] }],
  request: (raw): ReadRequest => {
    const { copy, walk } = readJsonRequest(raw, completionsRequest, "user")
    const streamed = copy["stream"] === true
    if (!streamed) delete copy["stream_options"]
    const prompts = Array.isArray(copy["prompt"]) ? copy["prompt"].length : 1
    const n = (copy["n"] as number | null | undefined) ?? 1
    const bestOf = (copy["best_of"] as number | null | undefined) ?? n
    if (streamed && bestOf > n) {
      throw new GuardRefusal("unsupported_parameter", "best_of cannot be streamed", "best_of")
    }
    return {
      items: walk.items,
      refs: walk.refs,
      model: copy["model"] as string,
      streamed,
      choices: Math.max(1, prompts) * n,
      leftOut: typeof copy["logprobs"] === "number" ? ["logprobs"] : [],
      payload: () => jsonPayload(copy),
    }
  },
  answer: (bytes, { model, choices: asked }): ReadAnswer => {
    const { copy, walk } = readJsonAnswer(bytes, completionsAnswer)
    const choices = copy["choices"] as Record<string, JsonValue>[]
    if (choices.length > asked) {
      throw tooManyChoices()
    }
    const written = choices.map((choice) => ({ ...choice, logprobs: null }))
    return {
      items: walk.items,
      refs: walk.refs,
      dropped: walk.dropped,
      payload: () => jsonPayload({ ...copy, choices: written }),
      withheld: () => jsonPayload(withhold(copy, choices, model)),
    }
  },
  stream: createCompletionsCodec,
}

/** Keeps times, counts and the number of choices, and nothing that the upstream wrote. */
function withhold(
  { created = 0, usage }: Readonly<Record<string, JsonValue>>,
  choices: readonly Readonly<Record<string, JsonValue>>[],
  model: string,
): JsonValue {
  return compact({
    id: "",
    object: "text_completion",
    created,
    model,
    choices: choices.map(({ index = 0 }) => ({ index, text: "", logprobs: null, finish_reason: "content_filter" })),
    usage,
  })
}
