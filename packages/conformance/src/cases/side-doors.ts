/**
 * Routes, body encodings, headers and fields that could bypass the checks.
 * @module
 */

import { gzipSync } from "node:zlib"
import { compact } from "@nightlight/core"
import type { ConformanceCase, Planted } from "../case/case.ts"
import { isSuccess } from "../client/received.ts"
import type { Outgoing } from "../client/send.ts"
import { reachedClient, reachedUpstream } from "../judge/leaks.ts"
import { closedProblems } from "../judge/refusal.ts"
import { json, raw } from "../mock/answer.ts"
import type { Answer } from "../mock/mock-upstream.ts"
import { chatBody, chatCall } from "./chat-input.ts"
import { responsesCall } from "./responses.ts"
import { inputCase, toFacts } from "./twin.ts"
import { usualAnswer } from "./usual.ts"

/** The mock's answer to an unknown route. */
const told = ({ word }: Planted): Answer => raw(JSON.stringify({ text: word }), "application/json")

/** A route that a gateway must not pass on without inspecting it. */
const route = (channel: string, method: string, path: string, body?: object): ConformanceCase => ({
  ...toFacts({ endpoint: "routes" as const, channel }, "input", false),
  run: async ({ upstream, send, marked, fail }) => {
    upstream.answer = told(marked)
    const received = await send(compact({ method, path, body }))
    if (upstream.requests.length > 0) fail("forwarded")
    if (reachedClient(received, marked)) fail("reached_client")
    for (const problem of closedProblems(received)) fail(problem)
    return "closed"
  },
})

/** A request of a known route that cannot be inspected or is ambiguous. */
const refused = (
  endpoint: "chat" | "responses",
  channel: string,
  request: (planted: Planted) => Outgoing,
  fault?: string,
): ConformanceCase => ({
  ...toFacts(compact({ endpoint, channel, fault }), "input", false),
  run: async ({ upstream, send, sendHarmless, plain, marked, fail }) => {
    upstream.answer = usualAnswer
    await sendHarmless(request(plain))
    // A gateway may pass on what it read, never the marker and never the original bytes.
    const answers = [await send(request(marked))]
    if (reachedUpstream(upstream.requests, marked)) fail("reached_upstream")
    for (const received of answers) {
      if (received.status === 404 && upstream.requests.length === 0) return "untested"
      for (const problem of closedProblems(received)) fail(problem)
    }
    return "closed"
  },
})

/** A field for work or storage that no check sees. It must be refused or dropped. */
const unseen = (
  endpoint: "chat" | "responses",
  channel: string,
  request: Outgoing,
  isPassedOn: (body: Readonly<Record<string, unknown>>) => boolean,
): ConformanceCase => ({
  ...toFacts({ endpoint, channel }, "input", false),
  run: async ({ upstream, send, fail }) => {
    upstream.answer = usualAnswer
    const received = await send(request)
    if (upstream.requests.some(({ json: body }) => body !== undefined && isPassedOn(body))) fail("stored")
    if (received.status === 404 && upstream.requests.length === 0) return "untested"
    if (!isSuccess(received)) for (const problem of closedProblems(received)) fail(problem)
    return isSuccess(received) ? "sound" : "closed"
  },
})

const bytesOf = (planted: Planted) => Buffer.from(JSON.stringify(chatBody({ user: planted.word })))
const asJson = (body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Outgoing => ({
  path: "/chat/completions",
  headers: { "content-type": "application/json", ...headers },
  body,
})
const named = (name: string) => (body: Readonly<Record<string, unknown>>) => body[name] != null && body[name] !== false
const said = ({ word }: Planted) => chatCall({ messages: [{ role: "user", content: word }] })
const link = (url: string) =>
  chatCall({ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }] })

/** A link into the gateway's own network, which must never be fetched or passed on. */
const linkInside = (channel: string, urlOf: (mock: string) => string): ConformanceCase => ({
  ...toFacts({ endpoint: "chat" as const, channel }, "input", false),
  run: async ({ upstream, send, fail }) => {
    upstream.answer = usualAnswer
    const received = await send(link(urlOf(upstream.url)))
    if (upstream.requests.length > 0) fail("link_passed_on")
    for (const problem of closedProblems(received)) fail(problem)
    return "closed"
  },
})

/** Headers by which callers control gateways. None may weaken a check. */
const STEERING: Readonly<Record<string, string>> = {
  "x-portkey-config": '{"before_request_hooks":[],"after_request_hooks":[]}',
  "x-nightlight-skip": "true",
  "x-guardrails": "off",
  "x-forwarded-host": "127.0.0.1",
  "x-http-method-override": "GET",
  "cache-control": "only-if-cached",
  accept: "text/event-stream",
  "accept-language": "xx",
}

const ROUTES: readonly (readonly [string, string, string, object?])[] = [
  ["files", "POST", "/files", { purpose: "user_data" }],
  ["content of a file", "GET", "/files/file-1/content"],
  ["batches", "POST", "/batches", { input_file_id: "file-1", endpoint: "/v1/chat/completions" }],
  ["realtime", "GET", "/realtime?model=mock-1"],
  ["realtime sessions", "POST", "/realtime/sessions", { model: "mock-1" }],
  ["speech", "POST", "/audio/speech", { model: "mock-1", input: "hello", voice: "a" }],
  ["transcriptions", "POST", "/audio/transcriptions", { model: "mock-1" }],
  ["fine-tuning", "POST", "/fine_tuning/jobs", { model: "mock-1", training_file: "file-1" }],
  ["assistants", "POST", "/assistants", { model: "mock-1" }],
  ["threads", "POST", "/threads", {}],
  ["vector stores", "POST", "/vector_stores", {}],
  ["videos", "POST", "/videos", { model: "mock-1", prompt: "a lantern" }],
  ["stored response", "GET", "/responses/resp_1"],
  ["stored chat completions", "GET", "/chat/completions"],
  ["messages of another API", "POST", "/messages", { model: "mock-1", max_tokens: 1, messages: [] }],
  ["unknown route", "POST", "/x-extra", { text: "hello" }],
  ["route through another", "GET", "/models/../files/file-1/content"],
  ["encoded route", "GET", "/models/%2e%2e/files/file-1/content"],
  ["doubled slash", "GET", "//files/file-1/content"],
]

/** Cases about side doors. */
export const SIDE_DOOR_CASES: readonly ConformanceCase[] = [
  ...ROUTES.map(([channel, method, path, body]) => route(channel, method, path, body)),
  refused("chat", "body", (planted) => asJson(gzipSync(bytesOf(planted)), { "content-encoding": "gzip" }), "packed"),
  refused(
    "chat",
    "body",
    ({ word }) =>
      asJson(
        Buffer.from(`{"model":"mock-1","user":"${word}","user":"u","messages":[{"role":"user","content":"hello"}]}`),
      ),
    "the same key twice, the marker first",
  ),
  refused(
    "chat",
    "body",
    ({ word }) =>
      asJson(
        Buffer.from(`{"model":"mock-1","user":"u","user":"${word}","messages":[{"role":"user","content":"hello"}]}`),
      ),
    "the same key twice, the marker last",
  ),
  refused(
    "chat",
    "body",
    (planted) => asJson(Buffer.concat([bytesOf(planted), Buffer.from("}{")])),
    "something behind it",
  ),
  refused("chat", "body", (planted) => asJson(Buffer.from(bytesOf(planted).toString(), "utf16le")), "in UTF-16"),
  refused(
    "chat",
    "body",
    (planted) => ({ path: "/chat/completions", headers: { "content-type": "text/plain" }, body: bytesOf(planted) }),
    "of another type",
  ),
  refused("chat", "body", () => asJson(Buffer.from('{"model":"mock-1","messages":')), "not whole"),
  refused(
    "chat",
    "body",
    () => asJson(Buffer.from(`{"model":"mock-1","messages":${"[".repeat(50_000)}`)),
    "endlessly nested",
  ),
  refused("chat", "body", () => asJson(Buffer.from('{"model":"mock-1","messages":"hello"}')), "of wrong types"),
  ...Object.entries(STEERING).map(([name, value]) =>
    inputCase({
      endpoint: "chat",
      channel: "user text",
      fault: `header ${name}`,
      request: (planted) => ({ ...said(planted), headers: { [name]: value } }),
    }),
  ),
  {
    ...toFacts({ endpoint: "chat" as const, channel: "header of the caller" }, "input", false),
    run: async ({ upstream, send, marked, fail }) => {
      upstream.answer = usualAnswer
      await send({ ...chatCall(), headers: { "x-extra": marked.word, cookie: `a=${marked.word}` } })
      if (reachedUpstream(upstream.requests, marked)) fail("reached_upstream")
      return "sound"
    },
  },
  {
    ...toFacts({ endpoint: "chat" as const, channel: "query" }, "input", false),
    run: async ({ upstream, send, marked, fail }) => {
      upstream.answer = usualAnswer
      await send({ ...chatCall(), path: `/chat/completions?at=${marked.word}` })
      if (reachedUpstream(upstream.requests, marked)) fail("reached_upstream")
      return "sound"
    },
  },
  linkInside("link to the gateway's own network", (mock) => `${mock}/picture.png`),
  linkInside("link to a metadata address", () => "http://169.254.169.254/latest/meta-data/"),
  linkInside("link of another scheme", () => "file:///etc/hostname"),
  unseen("chat", "store", chatCall({ store: true }), named("store")),
  unseen("chat", "store left out", chatCall(), ({ store }) => store !== false),
  unseen("responses", "store left out", responsesCall(), ({ store }) => store !== false),
  unseen("responses", "store", responsesCall({ store: true }), named("store")),
  unseen("responses", "background", responsesCall({ background: true }), named("background")),
  unseen(
    "responses",
    "earlier response",
    responsesCall({ previous_response_id: "resp_1" }),
    named("previous_response_id"),
  ),
  unseen("responses", "conversation", responsesCall({ conversation: "conv_1" }), named("conversation")),
  unseen("responses", "prompt template of the service", responsesCall({ prompt: { id: "pmpt_1" } }), named("prompt")),
  unseen(
    "responses",
    "file by its id",
    responsesCall({ input: [{ role: "user", content: [{ type: "input_file", file_id: "file-1" }] }] }),
    (body) => JSON.stringify(body).includes("file-1"),
  ),
  unseen(
    "responses",
    "tool of the service",
    responsesCall({ tools: [{ type: "file_search", vector_store_ids: ["vs_1"] }] }),
    (body) => JSON.stringify(body).includes("vs_1"),
  ),
  {
    ...toFacts({ endpoint: "images.generations" as const, channel: "picture by link" }, "output", false),
    run: async ({ upstream, send, fail }) => {
      const url = `${upstream.url}/made.png`
      upstream.answer = (response, seen) =>
        seen.path === "/made.png"
          ? raw("", "image/png")(response, seen)
          : json({ created: 1, data: [{ url }] })(response, seen)
      const received = await send({ path: "/images/generations", body: { model: "mock-1", prompt: "a lantern" } })
      if (received.status === 404 && upstream.requests.length === 0) return "untested"
      if (received.text.includes(url)) fail("link_passed_on")
      return "sound"
    },
  },
]
