/**
 * How a policy model is asked: by the completions API with a complete prompt written here, or by the chat API of a
 * server that adds the model's own template.
 * @module
 */
import { compact } from "@nightlight/core"
import { z } from "zod"
import type { Signal } from "../check.ts"
import type { Asking } from "./inquiry.ts"
import type { RemoteService } from "./remote/service.ts"
import { malformed } from "./remote/service.ts"

/** The server's API that is called. */
export type ModelApi = "completions" | "chat"

/** One message of a chat. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant"
  readonly content: string
}

/** A question in both forms. */
export interface ModelQuestion {
  readonly model: string
  readonly maxTokens: number
  readonly input:
    | { readonly prompt: string; readonly stop: readonly string[] }
    | { readonly messages: readonly ChatMessage[]; readonly effort?: string }
}

const reason = z.string().nullish()
const Completion = z.object({ choices: z.tuple([z.object({ text: z.string(), finish_reason: reason })]) })
const Chat = z.object({
  choices: z.tuple([z.object({ message: z.object({ content: z.string() }), finish_reason: reason })]),
})

/** The path of an API unless one is configured. */
export function defaultPath(api: ModelApi): string {
  return api === "chat" ? "/v1/chat/completions" : "/v1/completions"
}

/** The body that is sent: greedy sampling, one choice. */
export function modelBody({ model, maxTokens, input }: ModelQuestion): Readonly<Record<string, unknown>> {
  const body = { model, max_tokens: maxTokens, temperature: 0, n: 1 }
  if ("prompt" in input) return { ...body, prompt: input.prompt, stop: input.stop, skip_special_tokens: false }
  const { messages, effort } = input
  return { ...body, messages, ...compact({ reasoning_effort: effort }) }
}

/** Asks a model about one piece at a time. */
export function askEach<P>(
  { service, path }: { readonly service: RemoteService; readonly path: string },
  bodyOf: (piece: P) => Readonly<Record<string, unknown>>,
  signalsOf: (said: string, piece: P) => readonly Signal[],
): Asking<P> {
  return {
    questionOf: bodyOf,
    ask: async (pieces, signal) =>
      Promise.all(pieces.map(async (piece) => signalsOf(await askModel(service, path, bodyOf(piece), signal), piece))),
  }
}

/**
 * Asks a model.
 *
 * @returns its text: with special tokens from the completions API, only the message's content from the chat API.
 * @throws {DependencyError} `answer_malformed` unless there is exactly one choice, and it is complete.
 */
export async function askModel(
  service: RemoteService,
  path: string,
  body: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<string> {
  const said = await service.ask(path, body, signal)
  if ("messages" in body) {
    const answer = Chat.safeParse(said)
    if (!answer.success) throw malformed("choices")
    const [{ message, finish_reason: ended }] = answer.data.choices
    if (ended !== "stop") throw malformed("finish_reason")
    return message.content
  }
  const answer = Completion.safeParse(said)
  if (!answer.success) throw malformed("choices")
  const [{ text, finish_reason: ended }] = answer.data.choices
  if (ended !== "stop") throw malformed("finish_reason")
  return text
}
