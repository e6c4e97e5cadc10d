/**
 * Traffic of the smaller endpoints, one of each field at least.
 * @module
 */
import { PIXEL, PIXEL_URL } from "./pixel.ts"

/** Requests of `/v1/completions`. */
export const COMPLETIONS_REQUEST = {
  model: "m-1",
  prompt: ["Once", "Twice"],
  suffix: "the end",
  echo: true,
  n: 2,
  best_of: 2,
  max_tokens: 5,
  stop: ["\n"],
  logit_bias: { "50256": -100 },
  logprobs: 1,
  user: "ada",
  stream: false,
}

/** An answer of `/v1/completions`. */
export const COMPLETIONS_ANSWER = {
  id: "cmpl-1",
  object: "text_completion",
  created: 1_700_000_000,
  model: "m-1",
  system_fingerprint: "fp",
  choices: [
    {
      index: 0,
      text: "Once upon",
      finish_reason: "stop",
      logprobs: { tokens: ["Once"], token_logprobs: [-0.1], top_logprobs: [{ Once: -0.1 }], text_offset: [0] },
    },
    { index: 1, text: "Once more", finish_reason: "length", logprobs: null },
  ],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
}

const completionChunk = (text: string, finish_reason: string | null = null, index = 0) => ({
  id: "cmpl-1",
  object: "text_completion",
  created: 1_700_000_000,
  model: "m-1",
  choices: [{ index, text, finish_reason, logprobs: null }],
})

/** A stream of `/v1/completions`. */
export const COMPLETIONS_STREAM: readonly object[] = [
  completionChunk("Once "),
  completionChunk("Twice ", null, 1),
  completionChunk("upon"),
  completionChunk("", "stop"),
  completionChunk("more", "length", 1),
  { ...completionChunk(""), choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
]

/** A request of `/v1/embeddings`. */
export const EMBEDDINGS_REQUEST = {
  model: "e-1",
  input: ["one", "two"],
  dimensions: 2,
  encoding_format: "float",
  user: "ada",
}

/** Answers of `/v1/embeddings`. */
export const EMBEDDINGS_ANSWERS: readonly object[] = [
  [0.5, -0.25],
  Buffer.from(Float32Array.of(0.5, -0.25).buffer).toString("base64"),
].map((embedding) => ({
  object: "list",
  data: [{ object: "embedding", index: 0, embedding }],
  model: "e-1",
  usage: { prompt_tokens: 1, total_tokens: 1 },
}))

/** A request of `/v1/images/generations`. */
export const GENERATIONS_REQUEST = {
  model: "gpt-image-1",
  prompt: "A dot.",
  n: 2,
  size: "1024x1024",
  quality: "low",
  background: "opaque",
  moderation: "low",
  output_format: "png",
  output_compression: 50,
  partial_images: 2,
  style: "vivid",
  response_format: "b64_json",
  user: "ada",
  stream: false,
}

/** An answer with pictures. */
export const IMAGES_ANSWER = {
  created: 1_700_000_000,
  data: [{ b64_json: PIXEL, revised_prompt: "One dot." }, { url: "https://pictures.example/a.png" }],
  background: "opaque",
  output_format: "png",
  quality: "low",
  size: "1024x1024",
  usage: {
    input_tokens: 1,
    output_tokens: 2,
    total_tokens: 3,
    input_tokens_details: { image_tokens: 0, text_tokens: 1 },
  },
}

/** A stream with pictures. */
export function imagesStream(prefix: string): readonly object[] {
  const said = {
    b64_json: PIXEL,
    background: "opaque",
    created_at: 1_700_000_000,
    output_format: "png",
    quality: "low",
    size: "1024x1024",
  }
  return [
    { type: `${prefix}.partial_image`, ...said, partial_image_index: 0 },
    { type: `${prefix}.completed`, ...said, usage: IMAGES_ANSWER.usage },
  ]
}

/** Answers of `/v1/models`. */
export const MODEL = { id: "m-1", object: "model", created: 1_700_000_000, owned_by: "us", permission: [{ id: "p" }] }

/** A request of `/v1/moderations`. */
export const MODERATIONS_REQUESTS: readonly object[] = [
  { input: "hello", model: "omni-moderation-latest" },
  { input: ["hello", "there"] },
  {
    input: [
      { type: "text", text: "hello" },
      { type: "image_url", image_url: { url: PIXEL_URL } },
    ],
  },
]

/** A request of LiteLLM's guardrail. */
export const LITELLM_REQUEST = {
  input_type: "request",
  litellm_call_id: "c-1",
  litellm_trace_id: "t-1",
  texts: ["hello", "there"],
  images: [PIXEL_URL, PIXEL, "https://pictures.example/a.png"],
  tools: [{ type: "function", function: { name: "look", parameters: { type: "object" } } }],
  tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: "{}" } }],
  structured_messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "hello" },
        { type: "image_url", image_url: { url: PIXEL_URL, detail: "low" } },
        { type: "image_url", image_url: "https://pictures.example/b.png" },
      ],
    },
  ],
  request_data: { user_api_key_hash: "h", user_api_key_alias: null, user_api_key_spend: 1.5 },
  additional_provider_specific_params: {},
  model: "m-1",
}
