import type { ServerResponse } from "node:http"
import { parseStrictJson } from "@nightlight/core"
import { type ReceivedEvent, readEvents } from "../../../src/client/sse.ts"
import { isFound, type Leaf, leavesOf } from "./leaves.ts"
import { type Holes, isBlind } from "./request.ts"
import { besides, isBroken, sendError, sendJson } from "./wire.ts"

/** Everything an answer needs. */
export interface Answering {
  readonly endpoint: string
  readonly marker: string
  readonly holes: Holes
  readonly response: ServerResponse
  /** Refuses as a block is refused. */
  readonly block: () => void
}

const BLOCKED = "stopped by the operator's filter"

/** Answers with a whole answer. */
export function answerWhole(bytes: Buffer, contentType: string, answering: Answering): void {
  const { response, block } = answering
  const json = parse(bytes)
  const reply = replyTo(json, contentType, answering)
  if (reply === "block") block()
  else if (reply === "error") sendError(response, 502, "upstream_failed", "server_error")
  else sendJson(response, reply.status, besides(reply.value, answering.marker, answering.holes.open))
}

interface Reply {
  readonly status: number
  readonly value: unknown
}

function replyTo(
  json: Readonly<Record<string, unknown>> | undefined,
  contentType: string,
  { endpoint, marker, holes }: Answering,
): Reply | "block" | "error" {
  const { open } = holes
  const isError = json?.["error"] != null
  if (isError && open.has("error-in-success-passed-on")) return { status: 200, value: json }
  if (isError && open.has("errors-passed-on")) return { status: 502, value: json }
  const needed = endpoint === "responses" ? "output" : /^images|^embeddings|^models/.test(endpoint) ? "data" : "choices"
  if (!contentType.startsWith("application/json") || json === undefined || !Array.isArray(json[needed])) return "error"
  if (/"url":"http/.test(JSON.stringify(json["data"] ?? "")) && !open.has("picture-links-passed-on")) return "block"
  const leaves = leavesOf(json).filter(({ path }) => !isBlind(holes.blindOut, `${endpoint}::${path}`))
  if (!isFound(leaves, marker, holes.blindness)) return { status: 200, value: json }
  if (endpoint.startsWith("images") && open.has("blocked-pictures-left-out")) {
    const data = (json["data"] as readonly unknown[]).filter((item) => !isFound(leavesOf(item), marker))
    return { status: 200, value: { ...json, data } }
  }
  if (endpoint === "responses") return { status: 200, value: incomplete() }
  if (needed !== "choices") return "block"
  const finish_reason = open.has("finish-reason-missing") ? null : "content_filter"
  const choices = (json["choices"] as readonly { readonly index: number }[]).map(({ index }) =>
    endpoint === "chat"
      ? { index, message: { role: "assistant", content: null, refusal: BLOCKED }, finish_reason }
      : { index, text: "", finish_reason },
  )
  return { status: 200, value: { id: json["id"], object: json["object"], created: 1, model: "mock-1", choices } }
}

/** Answers with a stream: all of it is there before any of it leaves. */
export function answerStream(chunks: readonly Buffer[], isCut: boolean, answering: Answering): void {
  const { endpoint, marker, holes, response } = answering
  const { open } = holes
  const text = open.has("characters-cut")
    ? chunks.map((chunk) => chunk.toString()).join("")
    : Buffer.concat(chunks).toString()
  const events = open.has("only-line-feeds") && text.includes("\r") ? [] : readEvents(text)
  const leaves = grown(events, answering)
  const isStopped =
    !open.has("streams-unread") &&
    (open.has("deltas-judged-apart") ? isFoundApart(events, answering) : isFound(leaves, marker, holes.blindness))
  response.writeHead(200, { "content-type": "text/event-stream" })
  const isWrong = events.some(({ json, data }) => isBroken(json, data)) || events.some(({ event }) => event === "error")
  if (open.has("errors-passed-on") && isWrong) {
    response.end(text)
    return
  }
  if (isStopped) {
    if (open.has("streams-released-first")) response.write(events.slice(0, 8).map(written).join(""))
    if (open.has("stream-refusal-is-no-event")) response.end(`{"error":{"message":"no","type":"content_filter"}}`)
    else if (endpoint.startsWith("images")) response.end(errorEvent("invalid_request_error", "content_filter"))
    else response.end(endpoint === "responses" ? stoppedResponse(open) : stoppedChoices(endpoint, events, open))
    return
  }
  const last = /^(?:responses|images)/.test(endpoint) ? /"type":"[a-z_]+\.(?:completed|incomplete|failed)"/ : /\[DONE\]/
  const hasEnd = last.test(events.map(({ data }) => data.replaceAll("\n", "")).join("\n"))
  if ((isCut || !hasEnd || isWrong) && !open.has("truncation-hidden")) response.end(errorEvent())
  else {
    const done = events.findIndex(({ data }) => data === "[DONE]")
    const kept = done === -1 ? events : events.slice(0, done + 1)
    const comments = open.has("comments-passed-on")
      ? (text.match(/^:.*$/gm) ?? []).map((line) => `${line}\n\n`).join("")
      : ""
    response.end(comments + kept.map(written).join("") + (hasEnd || endpoint === "responses" ? "" : "data: [DONE]\n\n"))
  }
}

function grown(events: readonly ReceivedEvent[], { endpoint, holes }: Answering): readonly Leaf[] {
  const texts = new Map<string, string>()
  for (const { event, json } of events) {
    for (const { path, text } of leavesOf(json)) {
      const part = holes.blindness.isApart ? (json as { readonly content_index?: number }).content_index : undefined
      const place = `${endpoint}:${event}:${part ?? ""}:${path}`
      if (!isBlind(holes.blindOut, place)) texts.set(place, (texts.get(place) ?? "") + text)
    }
  }
  return [...texts].map(([path, text]) => ({ path, text }))
}

function isFoundApart(events: readonly ReceivedEvent[], { marker }: Answering): boolean {
  return events.some(({ json }) => isFound(leavesOf(json), marker))
}

/** Names and ids of events are not passed on; those of responses are their types. */
function written({ json, data }: ReceivedEvent): string {
  const type = (json as { readonly type?: unknown } | undefined)?.type
  const name = typeof type === "string" && /^response\.[a-z_.]+$/.test(type) ? `event: ${type}\n` : ""
  return `${name}data: ${json === undefined ? data.replaceAll("\n", "") : JSON.stringify(json)}\n\n`
}

function stoppedChoices(endpoint: string, events: readonly ReceivedEvent[], open: ReadonlySet<string>): string {
  const indexes = new Set(
    events.flatMap(
      ({ json }) => (json as { choices?: { index: number }[] } | undefined)?.choices?.map(({ index }) => index) ?? [],
    ),
  )
  const finish_reason = open.has("finish-reason-missing") ? null : "content_filter"
  const chunks = [...indexes].map((index) => ({
    id: "chatcmpl-1",
    object: endpoint === "chat" ? "chat.completion.chunk" : "text_completion",
    choices: [{ index, ...(endpoint === "chat" ? { delta: { refusal: BLOCKED } } : { text: "" }), finish_reason }],
  }))
  const done = open.has("last-event-missing") ? "" : "data: [DONE]\n\n"
  return chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("") + done
}

function stoppedResponse(open: ReadonlySet<string>): string {
  const response = { ...incomplete(), status: "in_progress", incomplete_details: null }
  const last = open.has("last-event-missing") ? [] : [{ type: "response.incomplete", response: incomplete() }]
  return [{ type: "response.created", response }, { type: "response.in_progress", response }, ...last]
    .map(
      (event, index) =>
        `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: open.has("numbers-restart") ? 0 : index })}\n\n`,
    )
    .join("")
}

function incomplete(): object {
  return {
    id: "resp_1",
    object: "response",
    status: "incomplete",
    output: [],
    model: "mock-1",
    incomplete_details: { reason: "content_filter" },
  }
}

function errorEvent(type = "server_error", code = "upstream_failed"): string {
  const error = { message: "not let through", type, param: null, code }
  return `event: error\ndata: ${JSON.stringify({ error })}\n\n`
}

function parse(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseStrictJson(bytes) as unknown as Record<string, unknown>
  } catch {
    return undefined
  }
}
