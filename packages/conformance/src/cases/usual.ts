/**
 * The mock's ordinary answers, for cases about requests.
 * @module
 */
import { base64Of, bystander } from "../case/markers.ts"
import { events, json } from "../mock/answer.ts"
import { chatCompletion, chatEvents, completion, completionEvents } from "../mock/chat.ts"
import type { Answer } from "../mock/mock-upstream.ts"
import { messageEvents, messageItem, outputText, responseObject } from "../mock/responses.ts"

const TEXT = "a plain answer"

/** Answers every endpoint as a service does. */
export const usualAnswer: Answer = (response, seen) => {
  const { json: body, path } = seen
  const streamed = body?.["stream"] === true
  return answerFor(path.replace(/\?.*$/, ""), streamed, count(body?.["n"]), inputs(body?.["input"]))(response, seen)
}

/** An answer with generated pictures. */
export function pictures(items: readonly object[]): object {
  return { created: 1_700_000_000, data: items }
}

function answerFor(path: string, streamed: boolean, choices: number, vectors: number): Answer {
  switch (path) {
    case "/chat/completions":
      if (streamed) return events(chatEvents([{ content: TEXT }]))
      return json(chatCompletion(Array.from({ length: choices }, () => ({ content: TEXT }))))
    case "/completions":
      if (streamed) return events(completionEvents([TEXT]))
      return json(completion(Array.from({ length: choices }, () => TEXT)))
    case "/responses":
      if (streamed) return events(messageEvents({ deltas: [TEXT], done: TEXT, part: TEXT, item: TEXT, last: TEXT }))
      return json(responseObject([messageItem(outputText(TEXT))]))
    case "/embeddings":
      return json({
        object: "list",
        data: Array.from({ length: vectors }, (_, index) => ({ object: "embedding", index, embedding: [0.5, 0.25] })),
        model: "mock-1",
        usage: { prompt_tokens: 1, total_tokens: 1 },
      })
    case "/images/generations":
    case "/images/edits":
    case "/images/variations":
      return json(pictures([{ b64_json: base64Of(bystander()) }]))
    case "/models":
      return json({
        object: "list",
        data: [{ id: "mock-1", object: "model", created: 1_700_000_000, owned_by: "mock" }],
      })
    case "/moderations":
      return json({ id: "modr-1", model: "mock-1", results: [{ flagged: false, categories: {}, category_scores: {} }] })
    default:
      return json({ object: "unexpected" })
  }
}

function count(n: unknown): number {
  return typeof n === "number" ? n : 1
}

function inputs(input: unknown): number {
  return Array.isArray(input) && typeof input[0] === "string" ? input.length : 1
}
