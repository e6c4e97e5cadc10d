/**
 * Chat completions and completions, as the mock answers them.
 *
 * Source: openai-node 7.57.0, resources/chat/completions/completions.d.ts and resources/completions.d.ts.
 * @module
 */

const HEAD = { id: "chatcmpl-conformance", created: 1_700_000_000, model: "mock-1" }
const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }

/** A chat completion with one choice a message. */
export function chatCompletion(messages: readonly object[], rest: object = {}): object {
  return {
    ...HEAD,
    object: "chat.completion",
    choices: messages.map((message, index) => ({
      index,
      message: { role: "assistant", content: null, ...message },
      logprobs: null,
      finish_reason: "stop",
    })),
    usage: USAGE,
    ...rest,
  }
}

/** A chunk of a streamed chat completion. */
export function chatChunk(delta: object, index = 0, finish_reason: string | null = null, rest: object = {}): object {
  return { ...HEAD, object: "chat.completion.chunk", choices: [{ index, delta, finish_reason }], ...rest }
}

/** A streamed chat completion of one choice whose deltas are given. */
export function chatEvents(deltas: readonly object[], reason = "stop"): readonly (object | string)[] {
  return [
    chatChunk({ role: "assistant", content: "" }),
    ...deltas.map((delta) => chatChunk(delta)),
    chatChunk({}, 0, reason),
    "[DONE]",
  ]
}

/** A completion with one choice a text. */
export function completion(texts: readonly string[]): object {
  return {
    ...HEAD,
    object: "text_completion",
    choices: texts.map((text, index) => ({ index, text, logprobs: null, finish_reason: "stop" })),
    usage: USAGE,
  }
}

/** A streamed completion of one choice. */
export function completionEvents(texts: readonly string[], index = 0): readonly (object | string)[] {
  const chunk = (text: string, finish_reason: string | null) => ({
    ...HEAD,
    object: "text_completion",
    choices: [{ index, text, logprobs: null, finish_reason }],
  })
  return [...texts.map((text) => chunk(text, null)), chunk("", "stop"), "[DONE]"]
}
