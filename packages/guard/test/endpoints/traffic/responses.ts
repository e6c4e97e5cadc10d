/**
 * Traffic of `/v1/responses`, one of each field at least.
 * @module
 */
import { PIXEL, PIXEL_URL } from "./pixel.ts"

/** Requests with their names. */
export const RESPONSES_REQUESTS: readonly (readonly [string, object])[] = [
  ["a plain question", { model: "gpt-x", input: "How are you?" }],
  [
    "a conversation with every kind of item",
    {
      model: "gpt-x",
      instructions: "Be brief.",
      input: [
        { role: "user", content: "What is this?" },
        { type: "message", role: "developer", content: [{ type: "input_text", text: "Be kind." }] },
        { type: "message", role: "system", content: "Be calm.", status: "completed" },
        {
          type: "message",
          role: "user",
          content: [
            { type: "input_text", text: "And this?", prompt_cache_breakpoint: { mode: "explicit", ttl: "30m" } },
            { type: "input_image", image_url: PIXEL_URL, detail: "low" },
            { type: "input_image", image_url: "https://pictures.example/a.png", detail: "auto", file_id: null },
          ],
        },
        {
          type: "message",
          id: "msg_1",
          role: "assistant",
          status: "completed",
          phase: "final_answer",
          content: [
            {
              type: "output_text",
              text: "A dot.",
              annotations: [
                { type: "url_citation", url: "https://a.example", title: "A", start_index: 0, end_index: 2 },
                { type: "file_citation", file_id: "file_1", filename: "a.txt", index: 0 },
                { type: "file_path", file_id: "file_2", index: 1 },
              ],
            },
            { type: "refusal", refusal: "No more." },
          ],
        },
        {
          type: "reasoning",
          id: "rs_1",
          summary: [{ type: "summary_text", text: "It is small." }],
          content: [{ type: "reasoning_text", text: "One pixel." }],
          encrypted_content: "gAAAA",
        },
        {
          type: "function_call",
          id: "fc_1",
          call_id: "call_1",
          name: "look",
          arguments: '{"a":1}',
          status: "completed",
        },
        { type: "function_call_output", call_id: "call_1", output: "seen" },
        {
          type: "function_call_output",
          call_id: "call_1",
          output: [
            { type: "input_text", text: "seen" },
            { type: "input_image", image_url: PIXEL_URL },
          ],
        },
        { type: "custom_tool_call", call_id: "call_2", name: "draw", input: "a line" },
        { type: "custom_tool_call_output", call_id: "call_2", output: "drawn" },
        { type: "image_generation_call", id: "ig_1", status: "completed", result: PIXEL },
      ],
      tools: [
        {
          type: "function",
          name: "look",
          description: "Looks.",
          strict: true,
          parameters: { type: "object", properties: { a: { type: "number", description: "How often." } } },
        },
        {
          type: "custom",
          name: "draw",
          description: "Draws.",
          format: { type: "grammar", syntax: "lark", definition: "start: A" },
        },
        {
          type: "image_generation",
          model: "gpt-image-1",
          size: "auto",
          quality: "low",
          partial_images: 2,
          moderation: "low",
          input_image_mask: { image_url: PIXEL_URL },
        },
      ],
      tool_choice: {
        type: "allowed_tools",
        mode: "auto",
        tools: [{ type: "function", name: "look" }],
      },
      text: {
        verbosity: "low",
        format: { type: "json_schema", name: "dot", description: "A dot.", schema: { type: "object" }, strict: true },
      },
      reasoning: { effort: "low", summary: "auto" },
      include: ["reasoning.encrypted_content"],
      metadata: { team: "x" },
      user: "ada",
      safety_identifier: "h1",
      prompt_cache_key: "k",
      service_tier: "auto",
      temperature: 0.5,
      top_p: 1,
      max_output_tokens: 100,
      max_tool_calls: 3,
      parallel_tool_calls: true,
      truncation: "disabled",
      store: false,
      background: false,
      stream: true,
      stream_options: { include_obfuscation: true },
    },
  ],
]

/** Fields of a response that repeat the request, as an upstream sends them. */
const REPEATED = {
  instructions: "Be brief.",
  metadata: { team: "x" },
  parallel_tool_calls: true,
  previous_response_id: null,
  store: false,
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_p: 1,
  truncation: "disabled",
}

const USAGE = {
  input_tokens: 1,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 2,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 3,
}

const message = (text: string) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [
    {
      type: "output_text",
      text,
      annotations: [{ type: "url_citation", url: "https://a.example", title: "A", start_index: 0, end_index: 2 }],
      logprobs: [{ token: "A", logprob: -0.1, bytes: [65], top_logprobs: [] }],
    },
  ],
})

const REASONING = {
  id: "rs_1",
  type: "reasoning",
  summary: [{ type: "summary_text", text: "It is small." }],
  content: [{ type: "reasoning_text", text: "One pixel." }],
  encrypted_content: "gAAAA",
}
const CALL = {
  id: "fc_1",
  type: "function_call",
  call_id: "call_1",
  name: "look",
  arguments: '{"a":1}',
  status: "completed",
}
const CUSTOM = { id: "ctc_1", type: "custom_tool_call", call_id: "call_2", name: "draw", input: "a line" }
const PICTURE = {
  id: "ig_1",
  type: "image_generation_call",
  status: "completed",
  result: PIXEL,
  output_format: "png",
  revised_prompt: "One point.",
}

/** A whole response. */
export function responseOf(output: readonly object[], rest: object = {}): object {
  return {
    id: "resp_1",
    object: "response",
    created_at: 1_700_000_000,
    model: "gpt-x",
    status: "completed",
    error: null,
    incomplete_details: null,
    output,
    usage: USAGE,
    ...REPEATED,
    ...rest,
  }
}

/** Answers with their names. */
export const RESPONSES_ANSWERS: readonly (readonly [string, object])[] = [
  ["a message", responseOf([message("A dot.")])],
  [
    "every kind of item",
    responseOf([
      REASONING,
      message("A dot."),
      CALL,
      CUSTOM,
      PICTURE,
      { ...message(""), content: [{ type: "refusal", refusal: "No more." }] },
    ]),
  ],
  [
    "a failure",
    responseOf([], { status: "failed", error: { code: "server_error", message: "Something broke." }, usage: null }),
  ],
]

/** The events of a message whose text comes in pieces. */
export function messageEvents(pieces: readonly string[], index = 0): object[] {
  const text = pieces.join("")
  const place = { item_id: "msg_1", output_index: index, content_index: 0 }
  return [
    {
      type: "response.output_item.added",
      output_index: index,
      item: { id: "msg_1", type: "message", role: "assistant", status: "in_progress", content: [] },
    },
    { type: "response.content_part.added", ...place, part: { type: "output_text", text: "", annotations: [] } },
    ...pieces.map((delta) => ({
      type: "response.output_text.delta",
      ...place,
      delta,
      logprobs: [{ token: delta, logprob: -0.1, top_logprobs: [] }],
      obfuscation: "xyz",
    })),
    {
      type: "response.output_text.annotation.added",
      ...place,
      annotation_index: 0,
      annotation: message("").content[0]?.annotations[0],
    },
    { type: "response.output_text.done", ...place, text, logprobs: [] },
    { type: "response.content_part.done", ...place, part: { type: "output_text", text, annotations: [] } },
    { type: "response.output_item.done", output_index: index, item: message(text) },
  ]
}

/** A stream: begun, with the events given, and ended with the output given. */
export function streamOf(events: readonly object[], output: readonly object[]): object[] {
  const begun = responseOf([], { status: "in_progress", usage: null })
  return [
    { type: "response.created", response: begun },
    { type: "response.in_progress", response: begun },
    ...events,
    { type: "response.completed", response: responseOf(output) },
  ].map((event, sequence_number) => ({ ...event, sequence_number }))
}

const callEvents = (index: number) => [
  {
    type: "response.output_item.added",
    output_index: index,
    item: { ...CALL, arguments: "", status: "in_progress" },
  },
  { type: "response.function_call_arguments.delta", item_id: "fc_1", output_index: index, delta: '{"a"' },
  { type: "response.function_call_arguments.delta", item_id: "fc_1", output_index: index, delta: ":1}" },
  { type: "response.function_call_arguments.done", item_id: "fc_1", output_index: index, arguments: '{"a":1}' },
  { type: "response.output_item.done", output_index: index, item: CALL },
]

const reasoningEvents = (index: number) => {
  const place = { item_id: "rs_1", output_index: index }
  return [
    { type: "response.output_item.added", output_index: index, item: { id: "rs_1", type: "reasoning", summary: [] } },
    {
      type: "response.reasoning_summary_part.added",
      ...place,
      summary_index: 0,
      part: { type: "summary_text", text: "" },
    },
    { type: "response.reasoning_summary_text.delta", ...place, summary_index: 0, delta: "It is " },
    { type: "response.reasoning_summary_text.delta", ...place, summary_index: 0, delta: "small." },
    { type: "response.reasoning_summary_text.done", ...place, summary_index: 0, text: "It is small." },
    {
      type: "response.reasoning_summary_part.done",
      ...place,
      summary_index: 0,
      part: { type: "summary_text", text: "It is small." },
    },
    { type: "response.reasoning_text.delta", ...place, content_index: 0, delta: "One pixel." },
    { type: "response.reasoning_text.done", ...place, content_index: 0, text: "One pixel." },
    { type: "response.output_item.done", output_index: index, item: REASONING },
  ]
}

const pictureEvents = (index: number) => [
  {
    type: "response.output_item.added",
    output_index: index,
    item: { id: "ig_1", type: "image_generation_call", status: "in_progress", result: null },
  },
  { type: "response.image_generation_call.in_progress", item_id: "ig_1", output_index: index },
  {
    type: "response.image_generation_call.partial_image",
    item_id: "ig_1",
    output_index: index,
    partial_image_index: 0,
    partial_image_b64: PIXEL,
  },
  { type: "response.image_generation_call.completed", item_id: "ig_1", output_index: index },
  { type: "response.output_item.done", output_index: index, item: PICTURE },
]

const customEvents = (index: number) => [
  { type: "response.output_item.added", output_index: index, item: { ...CUSTOM, input: "" } },
  { type: "response.custom_tool_call_input.delta", item_id: "ctc_1", output_index: index, delta: "a line" },
  { type: "response.custom_tool_call_input.done", item_id: "ctc_1", output_index: index, input: "a line" },
  { type: "response.output_item.done", output_index: index, item: CUSTOM },
]

const refusalEvents = (index: number) => {
  const place = { item_id: "msg_2", output_index: index, content_index: 0 }
  const item = { id: "msg_2", type: "message", role: "assistant", status: "completed" }
  return [
    { type: "response.output_item.added", output_index: index, item: { ...item, content: [] } },
    { type: "response.content_part.added", ...place, part: { type: "refusal", refusal: "" } },
    { type: "response.refusal.delta", ...place, delta: "No more." },
    { type: "response.refusal.done", ...place, refusal: "No more." },
    { type: "response.content_part.done", ...place, part: { type: "refusal", refusal: "No more." } },
    {
      type: "response.output_item.done",
      output_index: index,
      item: { ...item, content: [{ type: "refusal", refusal: "No more." }] },
    },
  ]
}

/** Streams with their names. */
export const RESPONSES_STREAMS: readonly (readonly [string, readonly object[]])[] = [
  ["a message", streamOf(messageEvents(["A ", "dot."]), [message("A dot.")])],
  [
    "every kind of item",
    streamOf(
      [
        ...reasoningEvents(0),
        ...messageEvents(["A ", "dot."], 1),
        ...callEvents(2),
        ...customEvents(3),
        ...pictureEvents(4),
        ...refusalEvents(5),
        { type: "response.web_search_call.searching", item_id: "ws_1", output_index: 6 },
      ],
      [REASONING, message("A dot."), CALL, CUSTOM, PICTURE],
    ),
  ],
  ["an end that says it all", streamOf([], [REASONING, message("A dot."), CALL, PICTURE])],
]
