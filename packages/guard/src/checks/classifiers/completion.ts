import { z } from "zod"
import type { RemoteService } from "./remote/service.ts"
import { malformed } from "./remote/service.ts"

const Answer = z.object({
  choices: z.tuple([z.object({ text: z.string(), finish_reason: z.string().nullish() })]),
})

/** How a policy model is asked: raw, so that the prompt is the one written here. */
export interface CompletionQuestion {
  readonly path: string
  readonly model: string
  readonly prompt: string
  readonly maxTokens: number
  readonly stop: readonly string[]
}

/**
 * Asks for one completion by the completions API, greedily and with special tokens in the answer.
 *
 * @throws {DependencyError} `answer_malformed` unless there is one choice that came to its end.
 */
export async function complete(
  service: RemoteService,
  question: CompletionQuestion,
  signal: AbortSignal,
): Promise<string> {
  const { path, model, prompt, maxTokens, stop } = question
  const body = { model, prompt, max_tokens: maxTokens, temperature: 0, n: 1, stop, skip_special_tokens: false }
  const answer = Answer.safeParse(await service.ask(path, body, signal))
  if (!answer.success) throw malformed("choices")
  const { text, finish_reason: reason } = answer.data.choices[0]
  if (reason !== "stop") throw malformed("finish_reason")
  return text
}
