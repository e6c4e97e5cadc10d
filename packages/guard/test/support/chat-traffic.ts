/**
 * Chat traffic as clients and services of several makes send it, one of each field at least.
 * @module
 */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

/** Requests with their names. */
export const CHAT_REQUESTS: readonly (readonly [string, object])[] = [
  ["of a plain question", { model: "gpt-x", messages: [{ role: "user", content: "How are you?" }] }],
  [
    "with everything a conversation can hold",
    {
      model: "gpt-x",
      messages: [
        { role: "system", content: "Be brief.", name: "house" },
        { role: "developer", content: [{ type: "text", text: "Be kind." }] },
        {
          role: "user",
          name: "ada",
          content: [
            { type: "text", text: "What is this?", prompt_cache_breakpoint: { mode: "explicit", ttl: "30m" } },
            { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}`, detail: "low" } },
            { type: "image_url", image_url: { url: "https://pictures.example/a.png" } },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "text", text: "A dot." },
            { type: "refusal", refusal: "No more." },
          ],
          refusal: null,
          reasoning_content: "It is small.",
          tool_calls: [
            { id: "call_1", type: "function", function: { name: "zoom", arguments: '{"by":2}' } },
            { id: "call_2", type: "custom", custom: { name: "note", input: "small" } },
          ],
        },
        { role: "tool", tool_call_id: "call_1", content: "done" },
        { role: "function", name: "old", content: "done too" },
        { role: "assistant", content: null, function_call: { name: "old", arguments: "{}" } },
      ],
      stream: true,
      stream_options: { include_usage: true },
      n: 2,
      temperature: 0.5,
      top_p: 1,
      max_completion_tokens: 100,
      frequency_penalty: 0,
      presence_penalty: 0,
      seed: 7,
      logprobs: true,
      top_logprobs: 2,
      logit_bias: { "50256": -100 },
      stop: ["END"],
      user: "u-1",
      safety_identifier: "s-1",
      prompt_cache_key: "k-1",
      metadata: { team: "blue" },
      store: false,
      service_tier: "auto",
      reasoning_effort: "low",
      verbosity: "low",
      parallel_tool_calls: true,
      tool_choice: { type: "function", function: { name: "zoom" } },
      tools: [
        {
          type: "function",
          function: {
            name: "zoom",
            description: "Zooms in.",
            strict: true,
            parameters: {
              type: "object",
              properties: { by: { type: "number", description: "How far.", enum: [1, 2], default: 1 } },
              required: ["by"],
              additionalProperties: false,
            },
          },
        },
        {
          type: "custom",
          custom: {
            name: "note",
            description: "Notes.",
            format: { type: "grammar", grammar: { definition: "start: WORD", syntax: "lark" } },
          },
        },
      ],
      response_format: {
        type: "json_schema",
        json_schema: { name: "answer", description: "An answer.", schema: { type: "object" }, strict: true },
      },
      prediction: { type: "content", content: "A dot." },
      modalities: ["text"],
      moderation: { model: "omni", policy: { input: { mode: "score" } } },
    },
  ],
  [
    "of a service that runs open models",
    {
      model: "llama",
      messages: [{ role: "user", content: "Hi" }],
      top_k: 40,
      min_p: 0.1,
      repetition_penalty: 1.1,
      max_tokens: 10,
      tool_choice: { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [{ type: "function", name: "f" }] } },
      functions: [{ name: "old", parameters: {} }],
      function_call: { name: "old" },
      stop: "END",
    },
  ],
]

const USAGE = {
  prompt_tokens: 1,
  completion_tokens: 2,
  total_tokens: 3,
  completion_tokens_details: { reasoning_tokens: 1 },
}

const MODERATION = {
  input: {
    type: "moderation_results",
    model: "omni",
    results: [
      {
        type: "moderation_result",
        model: "omni",
        flagged: false,
        categories: { violence: false },
        category_scores: { violence: 0.1 },
        category_applied_input_types: { violence: ["text"] },
      },
    ],
  },
  output: { type: "error", code: "unavailable", message: "not now" },
}

const LOGPROBS = { content: [{ token: "Hi", bytes: [72, 105], logprob: -0.1, top_logprobs: [] }], refusal: null }

/** Answers with their names. */
export const CHAT_ANSWERS: readonly (readonly [string, object])[] = [
  [
    "with everything it can hold",
    {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1_700_000_000,
      model: "gpt-x",
      system_fingerprint: "fp_1",
      service_tier: "default",
      choices: [
        {
          index: 0,
          finish_reason: "stop",
          logprobs: LOGPROBS,
          message: {
            role: "assistant",
            content: "Hi",
            refusal: null,
            reasoning_content: "Short.",
            annotations: [
              {
                type: "url_citation",
                url_citation: { start_index: 0, end_index: 1, title: "A page", url: "https://a.example" },
              },
            ],
          },
        },
        {
          index: 1,
          finish_reason: "tool_calls",
          logprobs: null,
          message: {
            role: "assistant",
            content: null,
            refusal: "No.",
            tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: "{}" } }],
            function_call: { name: "f", arguments: "{}" },
          },
        },
      ],
      usage: USAGE,
      moderation: MODERATION,
    },
  ],
]

const chunk = (choices: readonly object[], rest: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_700_000_000,
  model: "gpt-x",
  system_fingerprint: "fp_1",
  service_tier: "default",
  choices,
  usage: null,
  obfuscation: "xxxx",
  ...rest,
})

/** Streams with their names. */
export const CHAT_STREAMS: readonly (readonly [string, readonly object[]])[] = [
  [
    "with everything it can hold",
    [
      chunk([{ index: 0, delta: { role: "assistant", content: "", refusal: null }, finish_reason: null }]),
      chunk([{ index: 0, delta: { reasoning_content: "Short." }, logprobs: LOGPROBS, finish_reason: null }]),
      chunk([{ index: 0, delta: { content: "Hi" }, logprobs: LOGPROBS, finish_reason: null }]),
      chunk([{ index: 1, delta: { refusal: "No." }, finish_reason: null }]),
      chunk([
        {
          index: 0,
          delta: {
            tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "f", arguments: "{" } }],
          },
          finish_reason: null,
        },
      ]),
      chunk([{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: "}" } }] }, finish_reason: null }]),
      chunk([
        {
          index: 0,
          delta: { tool_calls: [{ index: 1, id: "call_2", type: "custom", custom: { name: "n", input: "i" } }] },
        },
      ]),
      chunk([{ index: 1, delta: { function_call: { name: "g", arguments: "{}" } }, finish_reason: null }]),
      chunk([{ index: 0, delta: {}, finish_reason: "tool_calls" }]),
      chunk([{ index: 1, delta: {}, finish_reason: "function_call" }]),
      chunk([], { moderation: MODERATION }),
      chunk([], { usage: USAGE }),
    ],
  ],
]
