/**
 * Completions, embeddings, models, and endpoints that a gateway answers itself.
 * @module
 */
import type { ConformanceCase, Planted, Trial } from "../case/case.ts"
import { base64Of } from "../case/markers.ts"
import { isSuccess } from "../client/received.ts"
import { streamEnding, wholeEnding } from "../judge/endings.ts"
import { reachedClient, reachedUpstream } from "../judge/leaks.ts"
import { cut, events, json } from "../mock/answer.ts"
import { completion, completionEvents } from "../mock/chat.ts"
import { spoken } from "./chat-output.ts"
import { type Facts, inputCase, outputCase, toFacts } from "./twin.ts"

const completionCall = (rest: object = {}) => ({
  path: "/completions",
  body: { model: "mock-1", prompt: "hello", ...rest },
})
const embeddingCall = (input: unknown) => ({ path: "/embeddings", body: { model: "mock-1", input } })

const COMPLETIONS: Readonly<Record<string, (planted: Planted) => object>> = {
  prompt: ({ word }) => ({ prompt: `so, ${word}` }),
  "second prompt": ({ word }) => ({ prompt: ["hello", word] }),
  suffix: ({ word }) => ({ suffix: word }),
  "stop word": ({ word }) => ({ stop: word }),
  "user id": ({ word }) => ({ user: word }),
}

/** A call that the gateway judges itself, without the upstream. */
const judged = (
  facts: Facts,
  ask: (planted: Planted) => { readonly path: string; readonly body: object },
  isFlagged: (json: unknown) => boolean,
): ConformanceCase => ({
  ...toFacts(facts, "input", false),
  run: async ({ upstream, send, sendHarmless, plain, marked, fail }: Trial) => {
    const before = await sendHarmless(ask(plain))
    if (!isSuccess(before) && upstream.requests.length === 0 && before.status === 404) return "untested"
    if (!isSuccess(before) || isFlagged(before.json)) fail("harmless_refused")
    const after = await send(ask(marked))
    if (reachedUpstream(upstream.requests, marked)) fail("reached_upstream")
    if (!isSuccess(after) || !isFlagged(after.json)) fail("not_flagged")
    if (reachedClient(after, marked)) fail("echoed")
    return "sound"
  },
})

const moderated = (answer: unknown) =>
  (answer as { readonly results?: readonly { readonly flagged?: unknown }[] } | undefined)?.results?.[0]?.flagged ===
  true
const intervened = (answer: unknown) => {
  const action = (answer as { readonly action?: unknown } | undefined)?.action
  return typeof action === "string" && action !== "NONE"
}
const litellm = (rest: object) => ({
  path: "/beta/litellm_basic_guardrail_api",
  fromRoot: true,
  body: { input_type: "request", request_data: {}, ...rest },
})

/** Cases about the smaller endpoints. */
export const OTHER_CASES: readonly ConformanceCase[] = [
  ...Object.entries(COMPLETIONS).map(([channel, rest]) =>
    inputCase({ endpoint: "completions", channel, request: (planted) => completionCall(rest(planted)) }),
  ),
  inputCase({
    endpoint: "completions",
    channel: "prompt",
    stream: true,
    request: ({ word }) => completionCall({ prompt: word, stream: true }),
  }),
  inputCase({
    endpoint: "completions",
    channel: "prompt",
    fault: "echo is asked for",
    request: ({ word }) => completionCall({ prompt: word, echo: true }),
  }),
  outputCase({
    endpoint: "completions",
    channel: "text",
    request: completionCall(),
    answer: (planted) => json(completion([spoken(planted)])),
    ending: wholeEnding(1),
  }),
  outputCase({
    endpoint: "completions",
    channel: "second choice",
    request: completionCall({ n: 2 }),
    answer: (planted) => json(completion(["so", spoken(planted)])),
    ending: wholeEnding(2),
  }),
  ...[3, 400].map((size) =>
    outputCase({
      endpoint: "completions",
      channel: `text in deltas of ${size}`,
      stream: true,
      request: completionCall({ stream: true }),
      answer: (planted) => events(completionEvents(cut(spoken(planted), size))),
      ending: streamEnding,
    }),
  ),
  inputCase({ endpoint: "embeddings", channel: "text", request: ({ word }) => embeddingCall(word) }),
  inputCase({ endpoint: "embeddings", channel: "second text", request: ({ word }) => embeddingCall(["hello", word]) }),
  inputCase({
    endpoint: "embeddings",
    channel: "user id",
    request: ({ word }) => ({ path: "/embeddings", body: { model: "mock-1", input: "hello", user: word } }),
  }),
  {
    ...toFacts({ endpoint: "embeddings" as const, channel: "token numbers" }, "input", false),
    run: async ({ upstream, send, fail }) => {
      await send(embeddingCall([[101, 102, 103]]))
      // Token numbers are text that the gateway cannot read.
      if (upstream.requests.length > 0) fail("forwarded")
      return "closed"
    },
  },
  outputCase({
    endpoint: "models",
    channel: "name of a model",
    request: { method: "GET", path: "/models" },
    answer: ({ word }) =>
      json({ object: "list", data: [{ id: word, object: "model", created: 1_700_000_000, owned_by: "mock" }] }),
    // The gateway may choose its answer to a blocked list of models, as long as nothing leaks.
    ending: () => [],
  }),
  judged(
    { endpoint: "moderations", channel: "text" },
    ({ word }) => ({ path: "/moderations", body: { input: word } }),
    moderated,
  ),
  judged(
    { endpoint: "moderations", channel: "picture" },
    (planted) => ({
      path: "/moderations",
      body: { input: [{ type: "image_url", image_url: { url: `data:image/png;base64,${base64Of(planted)}` } }] },
    }),
    moderated,
  ),
  judged({ endpoint: "litellm", channel: "text" }, ({ word }) => litellm({ texts: ["hello", word] }), intervened),
  judged(
    { endpoint: "litellm", channel: "text of an answer" },
    ({ word }) => litellm({ texts: [word], input_type: "response" }),
    intervened,
  ),
  judged(
    { endpoint: "litellm", channel: "picture" },
    (planted) => litellm({ texts: [], images: [`data:image/png;base64,${base64Of(planted)}`] }),
    intervened,
  ),
]
