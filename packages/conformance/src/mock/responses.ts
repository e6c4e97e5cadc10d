/**
 * Responses, as the mock answers them.
 *
 * Source: openai-node 7.57.0, resources/responses/responses.d.ts.
 * @module
 */

/** An item of a response's output. */
export type OutputItem = Readonly<Record<string, unknown>>

/** A message with one part. */
export function messageItem(part: object, id = "msg_1"): OutputItem {
  return { type: "message", id, role: "assistant", status: "completed", content: [part] }
}

/** A part of text. */
export function outputText(text: string, annotations: readonly object[] = []): object {
  return { type: "output_text", text, annotations }
}

/** A response. */
export function responseObject(output: readonly OutputItem[], rest: object = {}): object {
  return {
    id: "resp_conformance",
    object: "response",
    created_at: 1_700_000_000,
    status: "completed",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: "mock-1",
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: 1,
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    truncation: "disabled",
    usage: {
      input_tokens: 1,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 3,
    },
    ...rest,
  }
}

/** Numbers events from 0. */
export function numbered(events: readonly object[]): readonly object[] {
  return events.map((event, sequence_number) => ({ ...event, sequence_number }))
}

/** Events that begin a streamed response. */
export function opening(): readonly object[] {
  const response = responseObject([], { status: "in_progress", usage: null })
  return [
    { type: "response.created", response },
    { type: "response.in_progress", response },
  ]
}

/** Text of a streamed message in each of the events that repeat it. */
export interface SpokenText {
  readonly deltas: readonly string[]
  /** Text in `response.output_text.done`. */
  readonly done: string
  /** Text in `response.content_part.done`. */
  readonly part: string
  /** Text in `response.output_item.done`. */
  readonly item: string
  /** Text in the last event. */
  readonly last: string
}

/** A streamed response that is one message. */
export function messageEvents({ deltas, done, part, item, last }: SpokenText): readonly object[] {
  const ids = { output_index: 0, item_id: "msg_1", content_index: 0 }
  return numbered([
    ...opening(),
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { type: "message", id: "msg_1", role: "assistant", status: "in_progress", content: [] },
    },
    { type: "response.content_part.added", ...ids, part: outputText("") },
    ...deltas.map((delta) => ({ type: "response.output_text.delta", ...ids, delta, logprobs: [] })),
    { type: "response.output_text.done", ...ids, text: done, logprobs: [] },
    { type: "response.content_part.done", ...ids, part: outputText(part) },
    { type: "response.output_item.done", output_index: 0, item: messageItem(outputText(item)) },
    { type: "response.completed", response: responseObject([messageItem(outputText(last))]) },
  ])
}

/** A streamed response that is one call of a function. */
export function callEvents(deltas: readonly string[]): readonly object[] {
  const args = deltas.join("")
  const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "look", status: "completed" }
  const ids = { output_index: 0, item_id: "fc_1" }
  return numbered([
    ...opening(),
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { ...call, status: "in_progress", arguments: "" },
    },
    ...deltas.map((delta) => ({ type: "response.function_call_arguments.delta", ...ids, delta })),
    { type: "response.function_call_arguments.done", ...ids, name: "look", arguments: args },
    { type: "response.output_item.done", output_index: 0, item: { ...call, arguments: args } },
    { type: "response.completed", response: responseObject([{ ...call, arguments: args }]) },
  ])
}
